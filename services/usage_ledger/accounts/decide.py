"""What an account answers to its commands. Each function looks, refuses if it must, then records."""

from __future__ import annotations

from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.answers import AccountAnswer, CreditAnswer, credit_answer, opened_answer
from usage_ledger.accounts.chart_of_accounts import CASH, GRANT_SOURCES
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import AccountOpened, CreditsGranted, PurchaseRecorded
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import minor_unit_nano, parse_amount
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream
from usage_ledger.zones import time_zone

DEFAULT_PRIORITY: Final = 50
"""Of a lot whose command names none (C1)."""


def open_account(command: OpenAccount, decision: Decision) -> AccountAnswer:
    """Begin an account (A1, A2): prepaid, zone UTC and no overdraft unless the command says otherwise.

    Raises ``Refusal('account_exists')``; ``InvalidInput``: ``invalid_tier``, ``invalid_zone``, ``invalid_limit`` and
    the codes of ``parse_amount``.
    """
    opened = _opened(command)
    stream = account_stream(decision.tenant, command.account_id)
    account = decision.get(Account, stream)
    if account.version:
        raise Refusal("account_exists", "an account of this id was opened before")
    decision.record(stream, opened)
    return opened_answer(opened, account.version)


def record_purchase(command: RecordPurchase, decision: Decision) -> CreditAnswer | Repeated:
    """Take credit that was paid for, once per payment (C5, C8).

    Raises ``Refusal``: ``account_not_found``, ``credits_not_applicable``, ``currency_mismatch``,
    ``amount_not_positive``, ``amount_not_chargeable`` (not whole minor units, M8), ``payment_conflict``,
    ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = _credited_account(command, decision)
    amount = _credited_amount(command, account)
    if amount % minor_unit_nano(account.currency):
        raise Refusal("amount_not_chargeable", "a payment is a whole number of the currency's minor units")
    first = decision.claim("payment", command.payment_ref, f"{command.account_id} {amount}")
    if first is not None:
        return Repeated(first)
    credit = account.incoming(amount)
    recorded = PurchaseRecorded(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        payment_ref=command.payment_ref,
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        priority=DEFAULT_PRIORITY,
        expires_at=None,
        entries=(account.entry("purchase", (JournalLine(CASH, "debit", amount), *credit.credit_lines)),),
        balance_after=account.balance + amount,
        held_after=account.held,
    )
    record_on_account(decision, account, recorded)
    return credit_answer(recorded)


def grant_credits(command: GrantCredits, decision: Decision) -> CreditAnswer | Repeated:
    """Give credit, once per kind and reference, signup credit once per account (C5, C9).

    Raises ``Refusal``: ``account_not_found``, ``credits_not_applicable``, ``unknown_grant_kind``,
    ``currency_mismatch``, ``amount_not_positive``, ``grant_conflict`` (the reference was used for another amount),
    ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    account = _credited_account(command, decision)
    source_code = _grant_source(command.kind)
    amount = _credited_amount(command, account)
    reference = command.reference or f"{decision.source}/{decision.command_id}"
    first = _claim_grant(command, decision, reference, amount)
    if first is not None:
        return Repeated(first)
    credit = account.incoming(amount)
    granted = CreditsGranted(
        account_id=account.account_id,
        currency=account.currency,
        kind=command.kind,
        amount=amount,
        reference=reference,
        reason=command.reason,
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        priority=DEFAULT_PRIORITY if command.priority is None else command.priority,
        effective_at=decision.recorded_at,
        expires_at=None,
        entries=(account.entry("grant", (JournalLine(source_code, "debit", amount), *credit.credit_lines)),),
        balance_after=account.balance + amount,
        held_after=account.held,
    )
    record_on_account(decision, account, granted)
    return credit_answer(granted)


def _opened(command: OpenAccount) -> AccountOpened:
    if (command.tier is None) == (command.owner_kind == "platform_service"):
        raise InvalidInput("invalid_tier", "a platform_service account has a tier, no other account has one", "/tier")
    return AccountOpened(
        account_id=command.account_id,
        owner_kind=command.owner_kind,
        tier=command.tier,
        funding=command.funding or "prepaid",
        currency=command.currency,
        zone=_zone(command.zone or "UTC"),
        overdraft_limit=_limit(command.overdraft_limit, "/overdraft_limit") or 0,
        credit_limit=_limit(command.credit_limit, "/credit_limit"),
        members=command.members,
        workspaces=command.workspaces,
    )


def _zone(name: str) -> str:
    """The name, if it is one of the time zone table's."""
    try:
        time_zone(name)
    except LookupError:
        raise InvalidInput("invalid_zone", "expected an IANA time zone such as Europe/Berlin", "/zone") from None
    return name


def _limit(text: str | None, pointer: str) -> int | None:
    if text is None:
        return None
    limit = parse_amount(text, pointer)
    if limit < 0:
        raise InvalidInput("invalid_limit", "a limit is not negative", pointer)
    return limit


def _credited_account(command: RecordPurchase | GrantCredits, decision: Decision) -> Account:
    account = current_account(decision, command.account_id)
    if not account.holds_credits:
        raise Refusal("credits_not_applicable", "a platform_service account holds no credits")
    return account


def _credited_amount(command: RecordPurchase | GrantCredits, account: Account) -> int:
    if command.currency not in (None, account.currency):
        raise Refusal("currency_mismatch", "the account has another currency", {"currency": account.currency})
    amount = parse_amount(command.amount, "/amount")
    if amount <= 0:
        raise Refusal("amount_not_positive", "the amount is above zero")
    return amount


def _grant_source(kind: str) -> int:
    code = GRANT_SOURCES.get(kind)
    if code is None:
        raise Refusal("unknown_grant_kind", f"one of {', '.join(GRANT_SOURCES)} was expected")
    return code


def _claim_grant(command: GrantCredits, decision: Decision, reference: str, amount: int) -> bytes | None:
    """Signup credit is given once whatever its amount: a campaign that changes it does not give it again."""
    if command.kind == "signup":
        return decision.claim("grant", f"{command.account_id}/signup", "")
    return decision.claim("grant", f"{command.account_id}/{command.kind}/{reference}", str(amount))
