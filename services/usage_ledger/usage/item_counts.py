"""An item's counts, in whichever of the two ways it brings them."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from usage_ledger.usage.counts import Counts, read_counts
from usage_ledger.usage.item import UsageItem
from usage_ledger.usage.raw_usage import read_raw_usage

NO_COUNTS: Final = Counts(0, 0, 0, ())


def item_counts(item: UsageItem) -> Counts | str:
    """The counts, or the code of the item's problem (U5, U7)."""
    if item.usage is not UNSET:
        return read_counts(item.usage)
    if item.raw_usage is None or item.api_flavor is None:
        return NO_COUNTS  # the shape of an item does not let this happen
    return read_raw_usage(item.raw_usage, item.api_flavor)
