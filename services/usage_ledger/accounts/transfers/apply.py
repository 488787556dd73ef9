"""What transfers do to the state of either account. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.burn_down import Lot
from usage_ledger.accounts.transfers.events import CreditsTransferredIn, CreditsTransferredOut

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def credits_transferred_out(account: Account, sent: CreditsTransferredOut, _: int) -> None:
    account.draw(sent.lots)
    account.post(sent.entries)


def credits_transferred_in(account: Account, arrived: CreditsTransferredIn, recorded_at: int) -> None:
    account.lot_book.end_turns(recorded_at)
    for part in arrived.lots:
        if part.lot is not None:
            account.add_lot(
                Lot(
                    lot=part.lot,
                    kind="transfer",
                    amount=part.amount,
                    remaining=part.lot_amount,
                    priority=part.priority,
                    effective_at=recorded_at,
                    expires_at=part.expires_at,
                    recorded_at=recorded_at,
                    version=account.version,
                )
            )
    account.post(arrived.entries)


TRANSFER_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    CreditsTransferredOut: credits_transferred_out,
    CreditsTransferredIn: credits_transferred_in,
}
