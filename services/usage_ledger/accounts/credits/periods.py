"""The months of plan allowances: calendar months of a time zone, or months that begin on another day (C10)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from usage_ledger.refusals import InvalidInput
from usage_ledger.zones import time_zone

_NAME: Final = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])(?:@(0[1-9]|[12][0-9]|3[01]))?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Period(NamedTuple):
    """[``start``, ``end``), and when the period after it ends; microseconds UTC."""

    start: int
    end: int
    next_end: int


def period_of(name: str, zone: str) -> Period:
    """The period of this name; it begins and ends at the midnight of the time zone.

    ``2026-03`` is the calendar month, ``2026-03@15`` begins on the 15th, ``2026-02@31`` on February's last day.
    Raises ``InvalidInput('invalid_period')``.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise InvalidInput("invalid_period", "expected a month such as 2026-03, or 2026-03@15", "/period")
    month, day = int(found[1]) * 12 + int(found[2]) - 1, int(found[3] or 1)
    return Period(*(_beginning(month + ahead, day, zone) for ahead in range(3)))


def _beginning(month: int, day: int, zone: str) -> int:
    """Of the month (counted from year 0), or of its last day if it has fewer days."""
    year, month = month // 12, month % 12 + 1
    last = monthrange(year, month)[1]
    midnight = datetime(year, month, min(day, last), tzinfo=time_zone(zone))
    return (midnight - _EPOCH) // timedelta(microseconds=1)
