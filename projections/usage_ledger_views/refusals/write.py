"""Writes the refusals of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.refusals.apply import RefusalRow

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT = """
    INSERT INTO views.refusals
           (tenant, position, source, command_id, command_type, code, detail, facts, actor_kind, actor_id, refused_at)
    SELECT tenant, position, source, command_id, command_type, code, detail, facts::json, actor_kind, actor_id,
           refused_at
      FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                  %b::text[], %b::text[], %b::bigint[])
           AS refused (tenant, position, source, command_id, command_type, code, detail, facts, actor_kind, actor_id,
                       refused_at)
"""


def write(cursor: Cursor[Any], rows: list[RefusalRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, columns(sorted(rows)))
