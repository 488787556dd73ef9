"""Writes the conflicts of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.conflicts.apply import ConflictRow

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT = """
    INSERT INTO views.conflicts
           (tenant, position, place, source, attempt_id, workspace_id, kind, first_content, second_content,
            amount_at_risk, currency, raw, noted_at)
    SELECT * FROM unnest(%b::text[], %b::bigint[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[],
                         %b::bytea[], %b::bytea[], %b::bigint[], %b::text[], %b::bytea[], %b::bigint[])
"""


def write(cursor: Cursor[Any], rows: list[ConflictRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, columns(sorted(rows)))
