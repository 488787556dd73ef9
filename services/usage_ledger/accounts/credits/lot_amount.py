"""How much came out of which lot, or went back to it: what events say of credit that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from usage_ledger.refusals import Refusal

LOTS_MAX: Final = 2_000
"""Lots that one event names: each takes up to 93 bytes of an arriving transfer, and an event has at most 256 KB."""


class LotAmount(msgspec.Struct, frozen=True, gc=False):
    """Nano-units of one lot; ``lot`` None is the shortfall account: 1300, or 1200 of an invoiced account (A2, C4)."""

    lot: str | None
    amount: int


def require_nameable(parts: Sequence[LotAmount]) -> None:
    """Raises ``Refusal('event_too_large')`` for more lots than one event can name: a smaller amount takes fewer."""
    if len(parts) > LOTS_MAX:
        seen = {"lots": str(len(parts)), "lots_max": str(LOTS_MAX)}
        raise Refusal("event_too_large", "the amount would come from more lots than one event can name", seen)
