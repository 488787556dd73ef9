"""The holds of an account that are open: what they reserve, and which of them ends first (H4)."""

from __future__ import annotations

from bisect import bisect_left, insort

import msgspec

from usage_ledger.accounts.events import PayerDecision
from usage_ledger.timeline import END

Expiry = tuple[int, int, str]
"""When a hold ends (microseconds UTC), the version of the event that placed it, and its id: the order of C6."""


class OpenHold(msgspec.Struct, gc=False):
    """``amount`` is what it still reserves, nano-units; ``version`` is that of the event that placed it.

    ``decision`` is who pays and why, as it was admitted: no later pin or mode moves it (H12).
    """

    hold_id: str
    amount: int
    expires_at: int
    version: int
    decision: PayerDecision


class OpenHolds(msgspec.Struct):
    """``held`` is the sum of what they reserve, nano-units (C2)."""

    held: int = 0
    by_id: dict[str, OpenHold] = {}
    expiries: list[Expiry] = []
    """One an open hold, the first to end first."""

    @property
    def count(self) -> int:
        return len(self.by_id)

    @property
    def next_expiry(self) -> int:
        """Microseconds UTC; ``END`` while none is open."""
        return self.expiries[0][0] if self.expiries else END

    def first_expired(self, now: int) -> OpenHold | None:
        """The first that has ended at ``now`` and is still open."""
        return self.by_id[self.expiries[0][2]] if self.next_expiry <= now else None

    def add(self, hold: OpenHold) -> None:
        self.by_id[hold.hold_id] = hold
        insort(self.expiries, (hold.expires_at, hold.version, hold.hold_id))
        self.held += hold.amount

    def keep(self, hold_id: str, amount: int) -> None:
        """The hold reserves only ``amount`` from now on, and stays open."""
        hold = self.by_id[hold_id]
        self.held += amount - hold.amount
        hold.amount = amount

    def close(self, hold_id: str) -> None:
        hold = self.by_id.pop(hold_id)
        del self.expiries[bisect_left(self.expiries, (hold.expires_at, hold.version, hold_id))]
        self.held -= hold.amount
