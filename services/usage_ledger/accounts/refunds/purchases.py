"""What an account remembers of each payment, so that no more of it goes back than came in (C11, C13)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.credits.lot_amount import LotAmount


class Purchase(msgspec.Struct, array_like=True):
    """A payment that came in (C8), in nano-units. ``lot`` is None when all of it settled debt.

    ``disputed`` counts open disputes and lost ones, not those that were won.
    """

    amount: int
    lot: str | None
    refunded: int = 0
    disputed: int = 0

    @property
    def refundable(self) -> int:
        """What has not gone back to the payer yet."""
        return self.amount - self.refunded - self.disputed


class PendingDispute(msgspec.Struct, array_like=True):
    """A dispute that is not decided: what it took, and of which lots."""

    payment_ref: str
    amount: int
    parts: tuple[LotAmount, ...]
