"""What counts come to by a price that is more than a price a unit: exact, in femto-units, before any margin (P5-P7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from usage_ledger.money import check_range
from usage_ledger.pricing.bucket_prices import BucketPrices
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed
from usage_ledger.pricing.ready_price import CONTEXT_BUCKETS, ReadyPrice
from usage_ledger.pricing.unit_prices import exact_femto

Others = Iterable[tuple[str, int]]
"""Buckets beside the three frequent ones, with their quantities."""

Before = Mapping[str, int]
"""By bucket, how much there was in the month before this line (P5)."""

NOTHING_BEFORE: Final[Before] = {}


class Consumed(msgspec.Struct, frozen=True, gc=False):
    """The quantities of one line. ``reported_femto`` is its reported cost in the price's currency, None without one."""

    input: int
    cache_read: int
    output: int
    others: Others
    reported_femto: int | None
    before: Before

    def is_nothing(self) -> bool:
        return not (self.input or self.cache_read or self.output or any(count for _, count in self.others))

    def context(self) -> int:
        """Tokens that a context threshold counts (P6)."""
        tokens = self.input + self.cache_read
        for bucket, quantity in self.others:
            if bucket in CONTEXT_BUCKETS:
                tokens += quantity
        return tokens

    def quantity_of(self, bucket: str) -> int:
        if bucket in ("input", "cache_read", "output"):
            return getattr(self, bucket)
        return next((quantity for each, quantity in self.others if each == bucket), 0)


Exact = tuple[int | LineOutcome, RatingDetail | None]
"""Femto-units, or why there is no amount; and which parts of the price led to it."""


def exact_amount(price: ReadyPrice, consumed: Consumed) -> Exact:
    """The amount by this price. A bucket above zero without a price leaves the whole line without one (U11)."""
    if price.takes_reported_cost:
        reported = consumed.reported_femto
        return ("no_reported_cost" if reported is None else price.prices.per_request + reported), None
    over, prices = price.prices_above(consumed.context()) if price.thresholds else (None, price.prices)
    femto = exact_femto(prices, consumed.input, consumed.cache_read, consumed.output, consumed.others)
    if femto is None:
        return "bucket_unpriced", None
    tiers: list[TierUsed] = []
    for bucket in price.buckets:
        quantity = consumed.quantity_of(bucket.bucket)
        if quantity:
            amount, used = _amount_of(bucket, quantity, consumed.before)
            femto += amount
            tiers.append(used)
    return femto, _detail(price, over, tiers)


def _amount_of(bucket: BucketPrices, quantity: int, before: Before) -> tuple[int, TierUsed]:
    if not bucket.by_period:
        return bucket.total(quantity), TierUsed(bucket.bucket, None, bucket.step(quantity))
    already = before.get(bucket.bucket, 0)
    together = check_range(already + quantity)
    amount = bucket.total(together) - bucket.total(already)
    return amount, TierUsed(bucket.bucket, already, bucket.step(together))


def _detail(price: ReadyPrice, over: int | None, tiers: list[TierUsed]) -> RatingDetail | None:
    window = price.window
    if window is not None:
        return RatingDetail(over, window.from_s, window.to_s, tuple(tiers))
    return RatingDetail(over, None, None, tuple(tiers)) if tiers or over is not None else None
