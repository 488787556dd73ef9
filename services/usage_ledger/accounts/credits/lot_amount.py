"""How much came out of which lot, or went back to it: what events say of credit that moved."""

from __future__ import annotations

import msgspec


class LotAmount(msgspec.Struct, frozen=True, gc=False):
    """Nano-units of one lot; ``lot`` None is the shortfall account: 1300, or 1200 of an invoiced account (A2, C4)."""

    lot: str | None
    amount: int
