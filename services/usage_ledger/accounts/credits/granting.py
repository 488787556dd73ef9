"""Credit that is given, now or at a time to come: once per account, kind and reference (C9)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.answers import CreditAnswer, credit_answer, scheduled_answer
from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY
from usage_ledger.accounts.chart_of_accounts import GRANT_SOURCES
from usage_ledger.accounts.commands import GrantCredits
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.credits.granted import granted_now
from usage_ledger.accounts.credits.incoming import require_creditable, require_usable
from usage_ledger.accounts.current import current_account
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.refusals import Refusal


def grant_credits(command: GrantCredits, decision: Decision) -> CreditAnswer | Repeated:
    """Give credit, once per kind and reference, signup credit once per account (C5, C9).

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable``, ``unknown_grant_kind``,
    ``currency_mismatch``, ``amount_not_positive``, ``grant_conflict`` (the reference was used for another amount),
    ``expires_in_past``, ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    if command.kind not in GRANT_SOURCES:
        raise Refusal("unknown_grant_kind", f"one of {', '.join(GRANT_SOURCES)} was expected")
    amount = positive_amount(account, command.amount, command.currency)
    reference = command.reference or f"{decision.source}/{decision.command_id}"
    first = _claim_grant(command, decision, reference, amount)
    if first is not None:
        return Repeated(first)
    require_creditable(account)
    grant = GrantScheduled(
        account_id=account.account_id,
        currency=account.currency,
        kind=command.kind,
        amount=amount,
        reference=reference,
        reason=command.reason,
        priority=DEFAULT_PRIORITY if command.priority is None else command.priority,
        effective_at=decision.recorded_at if command.effective_at is None else command.effective_at,
        expires_at=command.expires_at,
    )
    require_usable(max(grant.effective_at, decision.recorded_at), grant.expires_at)
    return give(account, grant, decision)


def give(account: Account, grant: GrantScheduled, decision: Decision) -> CreditAnswer:
    """Post the grant, or schedule it if it is for a time to come. Raises ``Refusal('amount_out_of_range')``."""
    if grant.effective_at > decision.recorded_at:
        record_on_account(decision, account, grant)
        return scheduled_answer(account, grant)
    granted = granted_now(account, grant)
    record_on_account(decision, account, granted)
    return credit_answer(granted)


def _claim_grant(command: GrantCredits, decision: Decision, reference: str, amount: int) -> bytes | None:
    """Signup credit is given once whatever its amount: a campaign that changes it does not give it again."""
    if command.kind == "signup":
        return decision.claim("grant", f"{command.account_id}/signup", "")
    return decision.claim("grant", f"{command.account_id}/{command.kind}/{reference}", str(amount))
