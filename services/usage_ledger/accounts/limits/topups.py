"""ConfigureAutoTopup, CompleteTopup and FailTopup (L6)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.burn_down import DEFAULT_PRIORITY
from usage_ledger.accounts.chart_of_accounts import CASH
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.incoming import credited_account, require_creditable
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.events import PurchaseRecorded
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.limits.answers import AutoTopupAnswer, auto_topup_answer
from usage_ledger.accounts.limits.budgets import limit_of
from usage_ledger.accounts.limits.commands import CompleteTopup, ConfigureAutoTopup, FailTopup
from usage_ledger.accounts.limits.events import (
    AutoTopupCompleted,
    AutoTopupConfigured,
    AutoTopupDisabled,
    AutoTopupFailed,
)
from usage_ledger.accounts.limits.topup import FAILURES_MAX, AutoTopup
from usage_ledger.deciding import Decision, Repeated
from usage_ledger.money import minor_unit_nano
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream


def configure_auto_topup(command: ConfigureAutoTopup, decision: Decision) -> AutoTopupAnswer:
    """Say when credit is to be bought and how much; it forgives the failures of before.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``credits_not_applicable``, ``currency_mismatch``,
    ``amount_not_positive``, ``amount_not_chargeable`` (M8); ``InvalidInput``: ``invalid_limit`` (a threshold or cap
    below zero) and the codes of ``parse_amount``.
    """
    account = credited_account(command.account_id, decision)
    configured = AutoTopupConfigured(
        account_id=account.account_id,
        currency=account.currency,
        threshold=limit_of(command.threshold, "/threshold"),
        amount=_chargeable(command, account),
        monthly_cap=None if command.monthly_cap is None else limit_of(command.monthly_cap, "/monthly_cap"),
        enabled=command.enabled,
        schedule=command.schedule,
    )
    decision.record(account_stream(decision.tenant, account.account_id), configured)
    return auto_topup_answer(account)


def complete_topup(command: CompleteTopup, decision: Decision) -> AutoTopupAnswer | Repeated:
    """Take the credit that a top-up bought, once, also late or after a failure; failures begin at none again.

    Raises ``Refusal``: ``account_not_found``, ``account_closed``, ``topup_not_found``, ``topup_conflict`` (completed by
    another payment), ``payment_conflict``, ``amount_out_of_range``.
    """
    account = current_account(decision, command.account_id)
    payment_ref = command.payment_ref or command.topup_id
    first = decision.claim("topup", f"{account.account_id}/{command.topup_id}", payment_ref)
    if first is not None:
        return Repeated(first)
    require_creditable(account)
    amount = _amount_of(account, command.topup_id)
    if decision.claim("payment", payment_ref, f"{account.account_id} {amount}") is not None:
        known = AutoTopupCompleted(account.account_id, command.topup_id, payment_ref)
        decision.record(account_stream(decision.tenant, account.account_id), known)
    else:
        record_on_account(decision, account, _purchase(account, amount, payment_ref, command.topup_id))
    return auto_topup_answer(account)


def fail_topup(command: FailTopup, decision: Decision) -> AutoTopupAnswer | Repeated:
    """Note that the payment of a top-up failed; the third in a row disables.

    Raises ``Refusal``: ``account_not_found``, ``topup_not_found``, ``already_decided`` (it had succeeded, and a
    confirmed payment never regresses).
    """
    account = current_account(decision, command.account_id)
    first = decision.claim("topup_failure", f"{account.account_id}/{command.topup_id}", "")
    if first is not None:
        return Repeated(first)
    topup = _topup_of(account)
    amount = _amount_of(account, command.topup_id)
    consecutive = topup.failures + 1
    stream = account_stream(decision.tenant, account.account_id)
    failed = AutoTopupFailed(
        account.account_id, account.currency, command.topup_id, amount, consecutive, command.reason
    )
    decision.record(stream, failed)
    if consecutive >= FAILURES_MAX and topup.enabled:
        decision.record(stream, AutoTopupDisabled(account.account_id, command.topup_id, consecutive))
    return auto_topup_answer(account)


def _chargeable(command: ConfigureAutoTopup, account: Account) -> int:
    amount = positive_amount(account, command.amount, command.currency)
    if amount % minor_unit_nano(account.currency):
        raise Refusal("amount_not_chargeable", "a payment is a whole number of the currency's minor units")
    return amount


def _topup_of(account: Account) -> AutoTopup:
    if account.limits.topup is None:
        raise Refusal("topup_not_found", "the account never had an auto top-up")
    return account.limits.topup


def _amount_of(account: Account, topup_id: str) -> int:
    """What a top-up charges that was triggered and is not paid yet."""
    topup = _topup_of(account)
    if topup_id in topup.unpaid:
        return topup.unpaid[topup_id]
    if topup.was_triggered(account.account_id, topup_id):
        raise Refusal("already_decided", "the top-up was paid before")
    raise Refusal("topup_not_found", "no top-up of this id was triggered", {"topup": topup_id})


def _purchase(account: Account, amount: int, payment_ref: str, topup_id: str) -> PurchaseRecorded:
    credit = account.incoming(amount)
    return PurchaseRecorded(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        payment_ref=payment_ref,
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        priority=DEFAULT_PRIORITY,
        expires_at=None,
        entries=(account.entry("purchase", (JournalLine(CASH, "debit", amount), *credit.credit_lines)),),
        balance_after=account.balance + amount,
        held_after=account.held,
        topup_id=topup_id,
    )
