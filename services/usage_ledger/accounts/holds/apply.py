"""What the events of holds do to their account. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.holds.events import HoldExpired, HoldPlaced, HoldReleased, HoldSettled
from usage_ledger.accounts.holds.open_holds import OpenHold

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def hold_placed(account: Account, placed: HoldPlaced, _: int) -> None:
    account.holds.add(OpenHold(placed.hold_id, placed.amount, placed.expires_at, account.version, placed.decision))


def hold_closed(account: Account, closed: HoldReleased | HoldExpired, _: int) -> None:
    account.holds.close(closed.hold_id)


def hold_settled(account: Account, settled: HoldSettled, _: int) -> None:
    if settled.final:
        account.holds.close(settled.hold_id)
    else:
        account.holds.keep(settled.hold_id, max(0, settled.held - settled.captured))


HOLD_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    HoldPlaced: hold_placed,
    HoldSettled: hold_settled,
    HoldReleased: hold_closed,
    HoldExpired: hold_closed,
}
