"""Writes the refused names of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.rejected_key_writes.apply import RejectedKeyRow
from usage_ledger_views.storable import rows_as_json

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT = """
    INSERT INTO views.rejected_key_writes
    SELECT * FROM json_populate_recordset(NULL::views.rejected_key_writes, %b::json)
"""


def write(cursor: Cursor[Any], rows: list[RejectedKeyRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, (rows_as_json(rows),))
