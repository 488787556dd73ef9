"""Writes the statement rows of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.account_entries.apply import EntryRow
from usage_ledger_views.columns import columns

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT = """
    INSERT INTO views.account_entries
           (tenant, account_id, recorded_at, position, event_id, type, effect, running_balance, held, reference,
            entries, occurred_at)
    SELECT tenant, account_id, recorded_at, position, event_id, type, effect, running_balance, held, reference,
           entries::jsonb, occurred_at
      FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::uuid[], %b::text[], %b::bigint[],
                  %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::bigint[])
           AS entry (tenant, account_id, recorded_at, position, event_id, type, effect, running_balance, held,
                     reference, entries, occurred_at)
"""


def write(cursor: Cursor[Any], rows: list[EntryRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, columns(sorted(rows)))
