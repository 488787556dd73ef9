"""The allowance of a plan: once per account, plan and period, however late in it (C10)."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.answers import CreditAnswer
from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY
from usage_ledger.accounts.credits.commands import GrantAllowance
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.credits.granting import give
from usage_ledger.accounts.credits.incoming import require_creditable
from usage_ledger.accounts.credits.periods import Period, period_of
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import Allowance, Rollover
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import parse_amount
from usage_ledger.refusals import InvalidInput, Refusal

_ANY_TERMS: Final = ""
"""A plan that changed within its period does not give its allowance again."""


def grant_allowance(command: GrantAllowance, decision: Decision) -> CreditAnswer | Repeated:
    """Give a plan's allowance for a period; it expires when the period ends, one to come is scheduled (C10).

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable``, ``currency_mismatch``,
    ``amount_not_positive``, ``grant_conflict`` (it was granted by hand), ``period_over``, ``amount_out_of_range``;
    ``InvalidInput``: ``invalid_period``, ``invalid_rollover`` and the codes of ``parse_amount``.
    """
    account = current_account(decision, command.account_id)
    amount = positive_amount(account, command.amount, command.currency)
    period = period_of(command.period, account.zone)
    grant = _grant(command, account, amount, period, decision.recorded_at)
    first = decision.claim("grant", f"{account.account_id}/{grant.kind}/{grant.reference}", _ANY_TERMS)
    if first is not None:
        return Repeated(first)
    require_creditable(account)
    if period.end <= decision.recorded_at:
        raise Refusal("period_over", "the period has ended, and nothing was granted in it")
    return give(account, grant, decision)


def _grant(command: GrantAllowance, account: Account, amount: int, period: Period, now: int) -> GrantScheduled:
    return GrantScheduled(
        account_id=account.account_id,
        currency=account.currency,
        kind="allowance",
        amount=amount,
        reference=f"{command.plan}/{command.period}",
        reason=f"allowance of plan {command.plan}",
        priority=DEFAULT_PRIORITY,
        effective_at=max(period.start, now),
        expires_at=period.end,
        allowance=Allowance(command.plan, command.period, _rollover(command.rollover, period)),
    )


def _rollover(text: str, period: Period) -> Rollover | None:
    """``none``, ``full`` or ``capped:<amount>``; what would roll over nothing is none."""
    if text == "none":
        return None
    if text == "full":
        return Rollover(None, period.next_end)
    kind, _, amount = text.partition(":")
    limit = parse_amount(amount, "/rollover") if kind == "capped" else -1
    if limit < 0:
        raise InvalidInput("invalid_rollover", "expected none, full, or capped:<amount>", "/rollover")
    return Rollover(limit, period.next_end) if limit else None
