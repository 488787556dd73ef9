"""``from`` and ``to`` of lists that go by the time of recording, so that what a past period answers never changes."""

from __future__ import annotations

from typing import Final

from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.reading import Reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger_views.reading.period import ALWAYS, Period

PERIOD: Final = (
    Query("from", "RFC 3339 time of recording, inclusive"),
    Query("to", "RFC 3339 time of recording, exclusive"),
)


def period_of(reading: Reading) -> Period:
    """The period that was asked for; all time without one. Raises InvalidRequest."""
    start, end = reading.query("from"), reading.query("to")
    return Period(
        ALWAYS.start if start is None else parse_instant(start, "from"),
        ALWAYS.end if end is None else parse_instant(end, "to"),
    )
