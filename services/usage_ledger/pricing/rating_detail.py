"""What a charge line says of its price, where the price has parts."""

from __future__ import annotations

import msgspec


class TierUsed(msgspec.Struct, frozen=True, gc=False):
    """``quantity_before`` in the period, None where the request alone counts (P5).

    ``step`` is the index of the step of the last unit, None for a package.
    """

    bucket: str
    quantity_before: int | None
    step: int | None


class RatingDetail(msgspec.Struct, frozen=True, gc=False):
    """Which parts of its price the quantities and the time of a line led to (P5-P7, U10)."""

    threshold_over: int | None = None
    window_from_s: int | None = None
    window_to_s: int | None = None
    tiers: tuple[TierUsed, ...] = ()
    minimum_applied: bool = False
