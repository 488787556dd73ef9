"""From the wire's names of units to buckets (U7), and the judgement of what cannot be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from usage_ledger.pricing.buckets import COUNT_BUCKETS, TOKEN_BUCKETS

MAX_QUANTITY: Final = 2**63 - 1

_WIRE_NAMES: Final = {"cache_write_5m": "cache_write_tokens"}
"""Token buckets end in ``_tokens`` on the wire; the five-minute cache write is simply the cache write."""

BUCKET_BY_WIRE_NAME: Final = {
    **{_WIRE_NAMES.get(bucket, f"{bucket}_tokens"): bucket for bucket in TOKEN_BUCKETS},
    **{bucket: bucket for bucket in COUNT_BUCKETS},
}

_FREQUENT: Final = frozenset(("input_tokens", "cache_read_tokens", "output_tokens"))


class Counts(NamedTuple):
    """Quantities of the three frequent buckets, and the others above zero, sorted by bucket."""

    input: int
    cache_read: int
    output: int
    others: tuple[tuple[str, int], ...]


def read_counts(usage: Mapping[str, int]) -> Counts | str:
    """The item's counts; or the code of its problem, ``unknown_unit`` before ``invalid_quantity`` (U5)."""
    frequent = _FREQUENT.issuperset(usage)
    if not frequent and not usage.keys() <= BUCKET_BY_WIRE_NAME.keys():
        return "unknown_unit"
    if usage and (min(usage.values()) < 0 or max(usage.values()) > MAX_QUANTITY):
        return "invalid_quantity"
    return Counts(
        usage.get("input_tokens", 0),
        usage.get("cache_read_tokens", 0),
        usage.get("output_tokens", 0),
        () if frequent else _others(usage),
    )


def _others(usage: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(
            (BUCKET_BY_WIRE_NAME[name], quantity)
            for name, quantity in usage.items()
            if quantity and name not in _FREQUENT
        )
    )
