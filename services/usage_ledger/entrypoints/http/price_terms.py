"""What a line was multiplied by: the terms of its amount, from the price and the parts of it that its event names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from usage_ledger.accounts.events import LineDetail
from usage_ledger.money import FEMTO
from usage_ledger.pricing.bucket_prices import BucketPrices, bucket_prices
from usage_ledger.pricing.events import PriceBasis, PriceUsed
from usage_ledger.pricing.price_form import PriceForm, UnitPrice, WindowPrice
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed

_NO_PARTS = RatingDetail()
_FEMTO_PER_NANO = 1_000_000


class Term(msgspec.Struct, frozen=True, omit_defaults=True):
    """Quantity times unit price; all prices and amounts are decimal text, exact.

    ``unit_price`` null: the quantity went through tiers or packages, whose total rose by ``amount``; ``before`` is what
    there was of the bucket in the month, where that counts (P5).
    """

    bucket: str
    quantity: int
    unit_price: str | None
    amount: str
    before: int | None = None


def price_terms(buckets: Mapping[str, int], basis: PriceBasis, detail: LineDetail) -> list[tuple[Term, int]]:
    """Every term with its exact femto-units; none where nothing was applied."""
    if basis.charge is not None:
        return [*_terms(buckets, basis.charge, detail)]
    fee = basis.detail.byok_fee if basis.detail else None
    return [] if fee is None else [_once("byok_fee", fee * _FEMTO_PER_NANO)]


def format_femto(femto: int) -> str:
    """Decimal text of an exact amount, with two decimals at least and fifteen at most."""
    whole, part = divmod(femto, FEMTO)
    return f"{whole}.{f'{part:015d}'.rstrip('0').ljust(2, '0')}"


def _terms(buckets: Mapping[str, int], price: PriceUsed, detail: LineDetail) -> Iterator[tuple[Term, int]]:
    rating = detail.rating or _NO_PARTS
    form = price.form
    if form is not None and form.reported_cost and detail.reported_cost is not None:
        yield _once("reported_cost", detail.reported_cost.femto)
    else:
        unit_prices = {each.bucket: each.femto_per_unit for each in _unit_prices(price, rating)}
        for bucket, quantity in buckets.items():
            if bucket in unit_prices:
                femto = unit_prices[bucket]
                term = Term(bucket, quantity, format_femto(femto), format_femto(quantity * femto))
                yield term, quantity * femto
    if form is not None:
        yield from _tier_terms(buckets, form, rating)
    if price.per_request_femto:
        yield _once("request", price.per_request_femto)


def _unit_prices(price: PriceUsed, rating: RatingDetail) -> tuple[UnitPrice, ...]:
    """Of the window and above the threshold that the line names."""
    window = _window(price.form, rating)
    thresholds = window.thresholds if window else price.form.thresholds if price.form else ()
    for threshold in thresholds:
        if threshold.over == rating.threshold_over:
            return threshold.unit_prices
    return window.unit_prices if window else price.unit_prices


def _window(form: PriceForm | None, rating: RatingDetail) -> WindowPrice | None:
    named = rating.window_from_s, rating.window_to_s
    return next((window for window in (form.windows if form else ()) if (window.from_s, window.to_s) == named), None)


def _tier_terms(buckets: Mapping[str, int], form: PriceForm, rating: RatingDetail) -> Iterator[tuple[Term, int]]:
    priced = {prices.bucket: prices for prices in bucket_prices(form)}
    for used in rating.tiers:
        if used.bucket in priced:
            yield _tier_term(priced[used.bucket], used, buckets.get(used.bucket, 0))


def _tier_term(prices: BucketPrices, used: TierUsed, quantity: int) -> tuple[Term, int]:
    before = used.quantity_before or 0
    femto = prices.total(before + quantity) - prices.total(before)
    return Term(used.bucket, quantity, None, format_femto(femto), used.quantity_before), femto


def _once(name: str, femto: int) -> tuple[Term, int]:
    return Term(name, 1, format_femto(femto), format_femto(femto)), femto
