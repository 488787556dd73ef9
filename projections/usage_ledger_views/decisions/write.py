"""Writes the decisions of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.decisions.apply import ProvisionRow
from usage_ledger_views.storable import rows_as_json

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_INSERT = "INSERT INTO views.decisions SELECT * FROM json_populate_recordset(NULL::views.decisions, %b::json)"


def write(cursor: Cursor[Any], rows: list[ProvisionRow]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, (rows_as_json(rows),))
