"""What a correction does to an account's state. It only assigns and cannot fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_ledger.accounts.bill_to.apply import count_billed
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.adjustment_lot import adjustment_lot
from usage_ledger.accounts.limits.apply import budgets_counted
from usage_ledger.accounts.period_quantities import count_periods

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def usage_corrected(account: Account, corrected: UsageCorrected, recorded_at: int) -> None:
    account.draw(corrected.drawn)
    account.lot_book.end_turns(recorded_at)
    account.refill(corrected.restored)
    if corrected.lot is not None:
        amount = corrected.lot_amount
        account.add_lot(adjustment_lot(corrected.lot, amount, amount, recorded_at, account.version))
    account.post(corrected.entries)
    count_periods(account, corrected)
    if corrected.budgets:
        budgets_counted(account, corrected.budgets, recorded_at)
    if account.bill_to.authorities:
        count_billed(account, corrected.decisions, _deltas(corrected))


def _deltas(corrected: UsageCorrected) -> list[tuple[int, int, int]]:
    """Each with the index of its line's decision and the line's time."""
    pairs = zip(corrected.lines, corrected.corrections, strict=True)
    return [(line.decision, correction.delta, line.occurred_at) for line, correction in pairs]
