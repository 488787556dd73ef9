"""Writes the alerts of a batch."""

from __future__ import annotations

from typing import Any, Final

from psycopg import Cursor

from usage_ledger_views.alerts.apply import AlertRow
from usage_ledger_views.columns import columns

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT: Final = """
    INSERT INTO views.alerts
           (tenant, account_id, position, kind, raised_at, budget_id, window_kind, window_start, window_end, threshold,
            spend, spend_limit, balance, topup_id, failures, currency)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::text[],
                         %b::bigint[], %b::bigint[], %b::int[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[],
                         %b::int[], %b::text[])
"""


def write(cursor: Cursor[Any], rows: list[AlertRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, columns(sorted(rows, key=lambda row: row[:3])))
