"""Which usage a summary is about: days of occurred_at, an account, a workspace; within what the key may see."""

from __future__ import annotations

from datetime import date
from typing import Final

from usage_ledger.entrypoints.http.instants import parse_day
from usage_ledger.entrypoints.http.reading import Reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.view_reading import ACCOUNT, WORKSPACE, reach_of
from usage_ledger_views.usage_summary.queries import UsageFilter

FILTER: Final = (
    Query("from", "day of occurred_at in UTC, inclusive"),
    Query("to", "day of occurred_at in UTC, exclusive"),
    ACCOUNT,
    WORKSPACE,
)


def chosen_usage(reading: Reading) -> UsageFilter:
    """What was asked for, within what the key is restricted to. Raises Problem ``key_scope``, InvalidRequest."""
    return UsageFilter(_day(reading, "from", date.min), _day(reading, "to", date.max), *reach_of(reading))


def _day(reading: Reading, name: str, default: date) -> date:
    asked = reading.query(name)
    return default if asked is None else parse_day(asked, name)
