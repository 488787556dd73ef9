"""A price made ready for the lines of one part of the day: compiled when its version is folded in (P5-P7)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from usage_ledger.pricing.bucket_prices import BucketPrices, bucket_prices
from usage_ledger.pricing.events import PriceUsed
from usage_ledger.pricing.price_form import PriceForm, ThresholdPrice, UnitPrice, WindowPrice
from usage_ledger.pricing.unit_prices import UnitPrices, unit_prices

CONTEXT_BUCKETS = frozenset(("cache_write_5m", "cache_write_1h"))
"""Beside input and cache_read, what a context threshold counts (P6)."""

_PLAIN = PriceForm(reported_cost=False, tiers=(), packages=(), thresholds=(), windows=())


class ReadyPrice(msgspec.Struct, frozen=True):
    """``thresholds`` come highest first, each with the prices that replace ``prices`` above it.

    ``buckets`` are priced by tiers or packages. ``takes_reported_cost``: the reported cost is the base, and counts have
    no price. ``window`` is the time window that this is of, None for the base.
    """

    prices: UnitPrices
    thresholds: tuple[tuple[int, UnitPrices], ...]
    buckets: tuple[BucketPrices, ...]
    takes_reported_cost: bool
    window: WindowPrice | None

    @property
    def is_plain(self) -> bool:
        """Nothing but quantities times prices."""
        return not (self.thresholds or self.buckets or self.takes_reported_cost or self.window)

    @property
    def period_buckets(self) -> tuple[str, ...]:
        """The buckets of which it matters how much there was before in the month."""
        return tuple([each.bucket for each in self.buckets if each.by_period])

    def prices_above(self, context: int) -> tuple[int | None, UnitPrices]:
        """The highest threshold that this many tokens of context pass, strictly, and the prices that hold then (P6)."""
        for over, prices in self.thresholds:
            if context > over:
                return over, prices
        return None, self.prices


def ready_in_window(used: PriceUsed, window: WindowPrice | None) -> ReadyPrice:
    """The price in one of its windows; None is the base."""
    form = used.form or _PLAIN
    buckets = bucket_prices(form)
    apart = [each.bucket for each in buckets]
    priced: tuple[UnitPrice, ...] = used.unit_prices if window is None else window.unit_prices
    thresholds = form.thresholds if window is None else window.thresholds
    per_request = used.per_request_femto or 0
    return ReadyPrice(
        prices=unit_prices(priced, per_request, apart),
        thresholds=_highest_first(thresholds, per_request, apart),
        buckets=buckets,
        takes_reported_cost=form.reported_cost,
        window=window,
    )


def window_at(used: PriceUsed, second_of_day: int) -> WindowPrice | None:
    """The window that holds at a second of the day; windows do not overlap."""
    windows = used.form.windows if used.form else ()
    return next((window for window in windows if _holds(window, second_of_day)), None)


def _holds(window: WindowPrice, second: int) -> bool:
    if window.from_s < window.to_s:
        return window.from_s <= second < window.to_s
    return second >= window.from_s or second < window.to_s


def _highest_first(
    thresholds: Iterable[ThresholdPrice], per_request: int, apart: Iterable[str]
) -> tuple[tuple[int, UnitPrices], ...]:
    by_over = sorted(thresholds, key=lambda threshold: -threshold.over)
    return tuple([(each.over, unit_prices(each.unit_prices, per_request, apart)) for each in by_over])
