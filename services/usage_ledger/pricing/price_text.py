"""Price text to exact integers, once, when a price is published (M6, P5-P7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from usage_ledger.pricing.commands import PriceText
from usage_ledger.pricing.events import Price
from usage_ledger.pricing.price_form import PriceForm, ThresholdPrice, UnitPrice
from usage_ledger.pricing.price_numbers import MILLION, PriceNumbers
from usage_ledger.pricing.tier_text import read_tiers
from usage_ledger.pricing.window_text import cover_the_day, read_thresholds, read_windows
from usage_ledger.refusals import InvalidInput


def parse_price_text(text: PriceText) -> Price:
    """The price in femto-units, its buckets sorted.

    Raises ``InvalidInput``: ``unknown_unit`` for a bucket that U7 does not name; ``invalid_price`` for a price that is
    no non-negative decimal, does not fit 64 bits, is given twice for one bucket, or when no price is given at all;
    ``price_absurd``; ``price_overlap`` and ``price_hole`` where a quantity, a context, a time of day or a bucket has
    two prices or none; ``volume_by_period``.
    """
    numbers = PriceNumbers()
    parsed = _read_unit_prices(text, numbers)
    per_request = None if text.per_request is None else numbers.femto(text.per_request, 1, "/price/per_request")
    form = _read_form(text, numbers)
    if form is not None:
        _require_consistent(text, parsed, form)
    elif not parsed and per_request is None:
        raise InvalidInput("invalid_price", "a price names a bucket or a price per request", "/price")
    return Price(parsed, per_request, numbers.rounded, form)


def _read_unit_prices(text: PriceText, numbers: PriceNumbers) -> tuple[UnitPrice, ...]:
    parsed: dict[str, int] = {}
    for bucket, number, per, pointer in _quoted(text):
        if bucket in parsed:
            raise InvalidInput("invalid_price", "a bucket has one price", pointer)
        parsed[bucket] = numbers.femto_per_unit(bucket, number, per, pointer)
    return tuple([UnitPrice(*price) for price in sorted(parsed.items())])


def _quoted(text: PriceText) -> Iterator[tuple[str, str, int, str]]:
    """Bucket, price text, number of units it is for, and where it stands in the body."""
    for form, prices, per in (("per_million", text.per_million, MILLION), ("per_unit", text.per_unit, 1)):
        for bucket, number in (prices or {}).items():
            yield bucket, number, per, f"/price/{form}/{bucket}"


def _read_form(text: PriceText, numbers: PriceNumbers) -> PriceForm | None:
    """None where there is nothing but unit prices and a price per request."""
    if not (text.reported_cost or text.tiers or text.thresholds or text.windows):
        return None
    tiers, packages = read_tiers(text.tiers, numbers)
    thresholds = read_thresholds(text.thresholds, numbers, "/price/thresholds")
    return PriceForm(text.reported_cost, tiers, packages, thresholds, read_windows(text.windows, numbers))


def _require_consistent(text: PriceText, base: tuple[UnitPrice, ...], form: PriceForm) -> None:
    """Every bucket has one price, whatever the context and the time of day."""
    if form.reported_cost and (base or text.tiers or text.thresholds or text.windows):
        raise InvalidInput("price_overlap", "the reported cost is the price of all buckets", "/price/reported_cost")
    priced = _buckets(base)
    apart = {each.bucket for each in (*form.tiers, *form.packages)}
    if twice := sorted(apart & priced):
        raise InvalidInput("price_overlap", f"{twice[0]} has a price beside its tiers", "/price/tiers")
    if not priced and cover_the_day(form.windows):
        priced = _buckets(form.windows[0].unit_prices)
    for prices, pointer in _price_sets(form):
        if _buckets(prices) != priced:
            raise InvalidInput("price_hole", "every set of prices has a price for the same buckets", pointer)


def _price_sets(form: PriceForm) -> Iterator[tuple[tuple[UnitPrice, ...], str]]:
    """Every set that stands in for the base, and where it stands in the body."""
    yield from _sets_above(form.thresholds, "/price/thresholds")
    for index, window in enumerate(form.windows):
        yield window.unit_prices, f"/price/windows/{index}/per_million"
        yield from _sets_above(window.thresholds, f"/price/windows/{index}/thresholds")


def _sets_above(thresholds: Iterable[ThresholdPrice], pointer: str) -> Iterator[tuple[tuple[UnitPrice, ...], str]]:
    for threshold in thresholds:
        yield threshold.unit_prices, pointer


def _buckets(prices: Iterable[UnitPrice]) -> set[str]:
    return {price.bucket for price in prices}
