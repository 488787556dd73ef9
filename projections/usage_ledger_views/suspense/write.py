"""Writes which lines came into suspense and which left it."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.suspense.apply import SuspenseChanges

# What was rated is no longer listed; what was corrected is listed anew.
_TAKE = """
    DELETE FROM views.suspense AS line
     USING unnest(%b::text[], %b::text[], %b::text[]) AS rated (tenant, source, attempt_id)
     WHERE line.tenant = rated.tenant AND line.source = rated.source AND line.attempt_id = rated.attempt_id
"""

# Plain inserts: a row that exists already means that an attempt was recorded twice, which must not pass in silence.
_PUT = """
    INSERT INTO views.suspense
           (tenant, source, attempt_id, account_id, workspace_id, provider, model, reason, amount_at_risk, currency,
            occurred_at, since, position, place)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                         %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::int[])
"""


def write(cursor: Cursor[Any], changes: SuspenseChanges) -> None:
    """Raises psycopg.Error."""
    if left := sorted(changes.corrected | {name for name, line in changes.lines.items() if line is None}):
        cursor.execute(_TAKE, columns(left))
    if suspended := [(*name, *line) for name, line in sorted(changes.lines.items()) if line is not None]:
        cursor.execute(_PUT, columns(suspended))
