"""Writes what came into quarantine, what left it, and what waits for another reason than before."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.quarantine.apply import QuarantineChanges

# What was booked or discarded is no longer listed.
_TAKE = """
    DELETE FROM views.quarantine AS item
     USING unnest(%b::text[], %b::text[], %b::text[], %b::text[]) AS gone (tenant, source, attempt_id, disposition)
     WHERE item.tenant = gone.tenant AND item.source = gone.source AND item.attempt_id = gone.attempt_id
       AND item.disposition = gone.disposition
"""

# An item that is there already was rejected and came again: it keeps its age and its place in the list.
_PUT = """
    INSERT INTO views.quarantine
           (tenant, source, attempt_id, disposition, workspace_id, reason, amount_at_risk, currency, occurred_at, raw,
            since, position, place)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
                         %b::text[], %b::bigint[], %b::bytea[], %b::bigint[], %b::bigint[], %b::int[])
    ON CONFLICT (tenant, source, attempt_id, disposition) DO UPDATE
       SET workspace_id = excluded.workspace_id, reason = excluded.reason, amount_at_risk = excluded.amount_at_risk,
           currency = excluded.currency, occurred_at = excluded.occurred_at, raw = excluded.raw
"""

# A fact arrived, and the item now waits for another one.
_WAIT_FOR = """
    UPDATE views.quarantine AS item SET reason = judged.reason
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[])
           AS judged (tenant, source, attempt_id, disposition, reason)
     WHERE item.tenant = judged.tenant AND item.source = judged.source AND item.attempt_id = judged.attempt_id
       AND item.disposition = judged.disposition
"""


def write(cursor: Cursor[Any], changes: QuarantineChanges) -> None:
    """Raises psycopg.Error."""
    if changes.gone:
        cursor.execute(_TAKE, columns(sorted(changes.gone)))
    if changes.kept:
        cursor.execute(_PUT, columns((*name, *changes.kept[name]) for name in sorted(changes.kept)))
    if changes.reasons:
        cursor.execute(_WAIT_FOR, columns((*name, changes.reasons[name]) for name in sorted(changes.reasons)))
