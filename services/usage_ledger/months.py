"""Calendar months as a zone's clocks show them, in the words that events use: ``YYYY-MM``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from usage_ledger.zones import time_zone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Usage of another century is a mistake of whoever wrote it in by hand; it must not make a calendar overflow.
_LATEST: Final = 8_000 * 365 * 86_400 * 1_000_000
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def month_of(instant: int, zone: str = "UTC") -> str:
    """The month that an instant (microseconds UTC) lies in. Raises LookupError for a zone that is none."""
    within = min(max(instant, 0), _LATEST)
    return f"{(_EPOCH + timedelta(microseconds=within)).astimezone(time_zone(zone)):%Y-%m}"


def is_month(text: str) -> bool:
    """Whether the text is a month from 1970 to 9998, the years that a calendar of microseconds can add to."""
    return _MONTH.fullmatch(text) is not None and "1970" <= text[:4] <= "9998"


def next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def first_instant(month: str) -> int:
    """Microseconds UTC at which the month begins in UTC."""
    return (datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
