"""What few prices have beside a price a unit: tiers, packages, thresholds, windows, the reported cost (P5-P7).

Prices are femto-units, 10^-15 of a currency unit (M6); quantities are units of the bucket. These records travel in
events, beside what was published and beside every charge, so that the event alone explains it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TierMode = Literal["graduated", "volume"]
QuantityBasis = Literal["request", "period"]
"""What a tier or a package counts: the request alone, or the calendar month in the account's zone (P5)."""


class UnitPrice(msgspec.Struct, frozen=True, gc=False):
    """Price of one unit of a bucket."""

    bucket: str
    femto_per_unit: int


class TierStep(msgspec.Struct, frozen=True, gc=False):
    """Units up to and with ``up_to`` (None = open); ``flat_femto`` once the quantity enters the step."""

    up_to: int | None
    flat_femto: int
    femto_per_unit: int


class TieredPrice(msgspec.Struct, frozen=True, gc=False):
    """A bucket whose price depends on how much there is; the last of ``steps`` is open."""

    bucket: str
    mode: TierMode
    basis: QuantityBasis
    steps: tuple[TierStep, ...]


class PackagePrice(msgspec.Struct, frozen=True, gc=False):
    """A bucket that is sold in packages of ``size`` units, after ``free`` units."""

    bucket: str
    size: int
    femto_per_package: int
    free: int
    basis: QuantityBasis


class ThresholdPrice(msgspec.Struct, frozen=True, gc=False):
    """The unit prices of a request whose context is larger than ``over`` tokens (P6)."""

    over: int
    unit_prices: tuple[UnitPrice, ...]


class WindowPrice(msgspec.Struct, frozen=True, gc=False):
    """The prices in a part of the day: seconds since midnight UTC, [from, to), wrapping if need be (P7)."""

    from_s: int
    to_s: int
    unit_prices: tuple[UnitPrice, ...]
    thresholds: tuple[ThresholdPrice, ...]


class PriceForm(msgspec.Struct, frozen=True, gc=False):
    """Everything of a price but its unit prices and its price a request. ``reported_cost``: that cost is the base."""

    reported_cost: bool
    tiers: tuple[TieredPrice, ...]
    packages: tuple[PackagePrice, ...]
    thresholds: tuple[ThresholdPrice, ...]
    windows: tuple[WindowPrice, ...]
