"""What adjustments and write-offs do to an account's state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.adjustments.events import BalanceAdjusted, OverdraftWrittenOff
from usage_ledger.accounts.credits.adjustment_lot import adjustment_lot

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def balance_adjusted(account: Account, adjusted: BalanceAdjusted, recorded_at: int) -> None:
    account.draw(adjusted.allocations)
    if adjusted.lot is not None:
        account.lot_book.end_turns(recorded_at)
        lot = adjustment_lot(adjusted.lot, adjusted.amount, adjusted.lot_amount, recorded_at, account.version)
        account.add_lot(lot)
    account.post(adjusted.entries)


def overdraft_written_off(account: Account, written_off: OverdraftWrittenOff, _: int) -> None:
    account.post(written_off.entries)


ADJUSTMENT_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    BalanceAdjusted: balance_adjusted,
    OverdraftWrittenOff: overdraft_written_off,
}
