"""What a correction does to an account's state. It only assigns and cannot fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.adjustment_lot import adjustment_lot
from usage_ledger.accounts.limits.apply import count_spend, spender_of
from usage_ledger.accounts.limits.budget import Spent
from usage_ledger.accounts.period_quantities import count_periods

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def usage_corrected(account: Account, corrected: UsageCorrected, recorded_at: int) -> None:
    account.draw(corrected.drawn)
    account.refill(corrected.restored)
    if corrected.lot is not None:
        amount = corrected.lot_amount
        account.add_lot(adjustment_lot(corrected.lot, amount, amount, recorded_at, account.version))
    account.post(corrected.entries)
    count_periods(account, corrected)
    if account.limits.budgets:
        count_spend(account, _spent(corrected), recorded_at)


def _spent(corrected: UsageCorrected) -> list[Spent]:
    """In the windows in which the usage occurred (L1)."""
    return [
        Spent(line.occurred_at, correction.delta, spender_of(corrected.decisions[line.decision]))
        for line, correction in zip(corrected.lines, corrected.corrections, strict=True)
        if correction.delta
    ]
