"""Prices a unit where rating finds them, and the exact sum of quantities times prices (P5, U11). Integers only."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from usage_ledger.pricing.price_form import UnitPrice


class UnitPrices(msgspec.Struct, frozen=True):
    """Femto-units a unit; None means that the bucket has no price. ``per_request`` is added once a line."""

    input: int | None
    cache_read: int | None
    output: int | None
    other: dict[str, int]
    per_request: int


def unit_prices(published: Iterable[UnitPrice], per_request: int, priced_apart: Iterable[str] = ()) -> UnitPrices:
    """The published prices. Buckets that are ``priced_apart``, by tiers or packages, add nothing to the sum."""
    prices = {each.bucket: each.femto_per_unit for each in published} | dict.fromkeys(priced_apart, 0)
    return UnitPrices(
        input=prices.pop("input", None),
        cache_read=prices.pop("cache_read", None),
        output=prices.pop("output", None),
        other=prices,
        per_request=per_request,
    )


def exact_femto(
    prices: UnitPrices, input_: int, cache_read: int, output: int, others: Iterable[tuple[str, int]]
) -> int | None:
    """Quantity times price, summed, in femto-units; None when a bucket above zero has no price (U11).

    A missing price is never borrowed from another bucket.
    """
    femto = prices.per_request
    if input_:
        if prices.input is None:
            return None
        femto += input_ * prices.input
    if cache_read:
        if prices.cache_read is None:
            return None
        femto += cache_read * prices.cache_read
    if output:
        if prices.output is None:
            return None
        femto += output * prices.output
    for bucket, quantity in others:
        if quantity:
            unit_price = prices.other.get(bucket)
            if unit_price is None:
                return None
            femto += quantity * unit_price
    return femto
