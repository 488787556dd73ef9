"""Debt that will not be paid is given up: never in silence, never more than is owed (C17)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import WriteOffOverdraft
from usage_ledger.accounts.adjustments.events import OverdraftWrittenOff
from usage_ledger.accounts.amounts import positive_amount
from usage_ledger.accounts.chart_of_accounts import BAD_DEBTS, OVERDRAFT
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.moved_answer import MovedAnswer, standing_after
from usage_ledger.accounts.required_reason import required_reason
from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal


class WriteOffAnswer(MovedAnswer, frozen=True, kw_only=True):
    """What was given up, and what is still owed."""

    amount: str
    overdraft: str


def write_off_overdraft(command: WriteOffOverdraft, decision: Decision) -> WriteOffAnswer:
    """Give up debt against bad debts (C17).

    Raises ``Refusal``: ``missing_reason``, ``account_not_found``, ``currency_mismatch``, ``amount_not_positive``,
    ``write_off_exceeds_overdraft``, ``amount_out_of_range``; ``InvalidInput`` with the codes of ``parse_amount``.
    """
    reason = required_reason(command.reason)
    account = current_account(decision, command.account_id)
    amount = positive_amount(account, command.amount, command.currency)
    if amount > account.overdraft:
        owed = {"overdraft": format_amount(account.overdraft)}
        raise Refusal("write_off_exceeds_overdraft", "more would be written off than is owed", owed)
    written_off = _written_off(command, account, amount, reason)
    record_on_account(decision, account, written_off)
    return WriteOffAnswer(
        **standing_after(written_off),
        amount=format_amount(amount),
        overdraft=format_amount(account.overdraft),
    )


def _written_off(command: WriteOffOverdraft, account: Account, amount: int, reason: str) -> OverdraftWrittenOff:
    lines = JournalLine(BAD_DEBTS, "debit", amount), JournalLine(OVERDRAFT, "credit", amount)
    return OverdraftWrittenOff(
        account_id=account.account_id,
        currency=account.currency,
        amount=amount,
        approver=command.approver,
        reason=reason,
        entries=(account.entry("write_off", lines),),
        balance_after=account.balance + amount,
        held_after=account.held,
    )
