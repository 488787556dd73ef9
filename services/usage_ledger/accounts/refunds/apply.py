"""What refunds and disputes do to an account's state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.credits.adjustment_lot import adjustment_lot
from usage_ledger.accounts.refunds.events import DisputeLost, DisputeOpened, DisputeWon, PurchaseRefunded
from usage_ledger.accounts.refunds.purchases import PendingDispute

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def purchase_refunded(account: Account, refunded: PurchaseRefunded, _: int) -> None:
    account.draw(refunded.allocations)
    account.post(refunded.entries)
    account.credit_record.purchases[refunded.payment_ref].refunded += refunded.amount


def dispute_opened(account: Account, opened: DisputeOpened, _: int) -> None:
    account.draw(opened.allocations)
    account.post(opened.entries)
    account.credit_record.purchases[opened.payment_ref].disputed += opened.amount
    pending = PendingDispute(opened.payment_ref, opened.amount, opened.allocations)
    account.credit_record.disputes[opened.dispute_id] = pending


def dispute_won(account: Account, won: DisputeWon, recorded_at: int) -> None:
    account.lot_book.end_turns(recorded_at)
    account.refill(won.restored)
    if won.lot is not None:
        account.add_lot(adjustment_lot(won.lot, won.lot_amount, won.lot_amount, recorded_at, account.version))
    account.post(won.entries)
    account.credit_record.purchases[won.payment_ref].disputed -= won.amount
    del account.credit_record.disputes[won.dispute_id]


def dispute_lost(account: Account, lost: DisputeLost, _: int) -> None:
    account.post(lost.entries)
    del account.credit_record.disputes[lost.dispute_id]


REFUND_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    PurchaseRefunded: purchase_refunded,
    DisputeOpened: dispute_opened,
    DisputeWon: dispute_won,
    DisputeLost: dispute_lost,
}
