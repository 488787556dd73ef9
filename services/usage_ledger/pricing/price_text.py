"""Price text to exact integers, once, when a price is published (M6, P5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_ledger.money import parse_price
from usage_ledger.pricing.buckets import BUCKETS
from usage_ledger.pricing.commands import PriceText
from usage_ledger.pricing.events import Price
from usage_ledger.pricing.price_form import UnitPrice
from usage_ledger.refusals import InvalidInput

_MILLION: Final = 1_000_000


def parse_price_text(text: PriceText) -> Price:
    """The price in femto-units, its buckets sorted.

    Raises ``InvalidInput``: ``unknown_unit`` for a bucket that U7 does not name; ``invalid_price`` for a price that is
    no non-negative decimal, does not fit 64 bits, is given twice for one bucket, or when no price is given at all.
    """
    parsed: dict[str, int] = {}
    rounded = False
    for bucket, number, per, pointer in _quoted(text):
        if bucket in parsed:
            raise InvalidInput("invalid_price", "a bucket has one price", pointer)
        parsed[bucket], was_rounded = parse_price(number, per, pointer)
        rounded |= was_rounded
    per_request = None
    if text.per_request is not None:
        per_request, was_rounded = parse_price(text.per_request, 1, "/price/per_request")
        rounded |= was_rounded
    if not parsed and per_request is None:
        raise InvalidInput("invalid_price", "a price names a bucket or a price per request", "/price")
    return Price(tuple(UnitPrice(*unit_price) for unit_price in sorted(parsed.items())), per_request, rounded)


def _quoted(text: PriceText) -> Iterator[tuple[str, str, int, str]]:
    """Bucket, price text, number of units it is for, and where it stands in the body."""
    for form, prices, per in (("per_million", text.per_million, _MILLION), ("per_unit", text.per_unit, 1)):
        for bucket, number in (prices or {}).items():
            pointer = f"/price/{form}/{bucket}"
            if bucket not in BUCKETS:
                raise InvalidInput("unknown_unit", "no such bucket", pointer)
            yield bucket, number, per, pointer
