"""Writes the changes of a batch."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.mode_history.apply import ModeChange
from usage_ledger_views.storable import rows_as_json

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence. Few
# events name the organization; of the others it is that of the workspace, whose own row was written before.
_INSERT = """
    INSERT INTO views.mode_history
    SELECT row.*
      FROM json_populate_recordset(NULL::views.mode_history, %b::json) AS changed
      LEFT JOIN views.workspace_billing AS workspace
        ON workspace.tenant = changed.tenant AND workspace.workspace_id = changed.workspace_id
     CROSS JOIN LATERAL jsonb_populate_record(changed, jsonb_build_object(
                'organization_id', coalesce(changed.organization_id, workspace.organization_id))) AS row
"""


def write(cursor: Cursor[Any], rows: list[ModeChange]) -> None:
    """Raises psycopg.Error."""
    if rows:
        cursor.execute(_INSERT, (rows_as_json(rows),))
