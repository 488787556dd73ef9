"""A balance is set right by hand: upwards like credit that comes in, downwards like a refund of no purchase (C17)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.adjustments.events import BalanceAdjusted
from usage_ledger.accounts.amounts import signed_amount
from usage_ledger.accounts.chart_of_accounts import CORRECTIONS
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.incoming import credited_account
from usage_ledger.accounts.credits.taking import take
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.accounts.required_reason import required_reason
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal


class AdjustmentAnswer(MovedAnswer, frozen=True, kw_only=True):
    """What the adjustment came to: signed amount, debt it settled, lot it became."""

    amount: str
    debt_settled: str
    lot: str | None
    lot_amount: str


def adjust_balance(command: AdjustBalance, decision: Decision) -> AdjustmentAnswer:
    """Give or take credit against corrections (C17).

    Raises ``Refusal``: ``missing_reason``, ``account_not_found``, ``account_closed``, ``credits_not_applicable``,
    ``currency_mismatch``, ``amount_not_positive`` (zero adjusts nothing), ``event_too_large``,
    ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    reason = required_reason(command.reason)
    account = credited_account(command.account_id, decision)
    amount = signed_amount(account, command.amount, command.currency)
    if not amount:
        raise Refusal("amount_not_positive", "an adjustment of zero adjusts nothing")
    adjusted = _given(command, account, amount, reason) if amount > 0 else _taken(command, account, amount, reason)
    record_on_account(decision, account, adjusted)
    return _answer(adjusted)


def _given(command: AdjustBalance, account: Account, amount: int, reason: str) -> BalanceAdjusted:
    credit = account.incoming(amount)
    lines = JournalLine(CORRECTIONS, "debit", amount), *credit.credit_lines
    return BalanceAdjusted(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        debt_settled=credit.debt_settled,
        lot=credit.lot,
        lot_amount=credit.lot_amount,
        allocations=(),
        reverses=command.reverses,
        approver=command.approver,
        reason=reason,
        entries=(account.entry("adjustment", lines),),
        balance_after=account.balance + amount,
        held_after=account.held,
    )


def _taken(command: AdjustBalance, account: Account, amount: int, reason: str) -> BalanceAdjusted:
    taken = take(account, -amount)
    return BalanceAdjusted(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        debt_settled=0,
        lot=None,
        lot_amount=0,
        allocations=taken.parts,
        reverses=command.reverses,
        approver=command.approver,
        reason=reason,
        entries=(account.entry("adjustment", (*taken.lines, JournalLine(CORRECTIONS, "credit", -amount))),),
        balance_after=taken.balance_after,
        held_after=account.held,
    )


def _answer(adjusted: BalanceAdjusted) -> AdjustmentAnswer:
    return AdjustmentAnswer(
        **standing_after(adjusted),
        amount=format_amount(adjusted.amount),
        debt_settled=format_amount(adjusted.debt_settled),
        lot=adjusted.lot,
        lot_amount=format_amount(adjusted.lot_amount),
    )
