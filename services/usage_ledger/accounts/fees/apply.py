"""What a fee does to an account's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from usage_ledger.accounts.fees.events import FeeCharged

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def fee_charged(account: Account, fee: FeeCharged, _: int) -> None:
    account.draw(fee.allocations)
    account.post(fee.entries)


FEE_APPLIERS: Final[dict[type, Callable[[Account, Any, int], None]]] = {
    FeeCharged: fee_charged,
}
