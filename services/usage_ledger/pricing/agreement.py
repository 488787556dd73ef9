"""Whether two public lists agree on a model's price, and on which (P9). Pure arithmetic, integers only."""

from __future__ import annotations

from collections.abc import Mapping

from usage_ledger.pricing.import_events import ImportedPrice, ParkedReason
from usage_ledger.pricing.price_form import UnitPrice

_REQUIRED = ("input", "output")
_MAX_DIFFERENCE_PERCENT = 1


def agreed_prices(
    first: tuple[ImportedPrice, ...] | None, second: tuple[ImportedPrice, ...] | None
) -> tuple[UnitPrice, ...] | ParkedReason:
    """The prices of the ``first`` ranked source, for every bucket that both hold, sorted; or why there are none.

    Both have input and output, and no bucket that both hold differs by more than 1 % of the larger.
    """
    if first is None or second is None:
        return "single_source"
    ours, theirs = _by_bucket(first), _by_bucket(second)
    if any(bucket not in prices for bucket in _REQUIRED for prices in (ours, theirs)):
        return "disagreement"
    common = sorted(ours.keys() & theirs.keys())
    if not all(_close(ours[bucket], theirs[bucket]) for bucket in common):
        return "disagreement"
    return tuple([UnitPrice(bucket, ours[bucket]) for bucket in common])


def _by_bucket(prices: tuple[ImportedPrice, ...]) -> Mapping[str, int]:
    return {price.bucket: price.femto_per_unit for price in prices}


def _close(one: int, other: int) -> bool:
    return 100 * abs(one - other) <= _MAX_DIFFERENCE_PERCENT * max(one, other)
