"""Calendar months as a zone's clocks show them, in the words that events use: ``YYYY-MM``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from usage_ledger.zones import time_zone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Usage of another century is a mistake of whoever wrote it in by hand; it must not make a calendar overflow.
_LATEST: Final = 8_000 * 365 * 86_400 * 1_000_000


def month_of(instant: int, zone: str) -> str:
    """The month that an instant (microseconds UTC) lies in. Raises LookupError for a zone that is none."""
    within = min(max(instant, 0), _LATEST)
    return f"{(_EPOCH + timedelta(microseconds=within)).astimezone(time_zone(zone)):%Y-%m}"
