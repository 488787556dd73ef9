"""Writes holds that were placed, how others stand now, and the totals of their accounts."""

from __future__ import annotations

from typing import Any

from msgspec.structs import astuple
from psycopg import Cursor

from usage_ledger_views.account_balances.write import UnknownRow
from usage_ledger_views.columns import columns
from usage_ledger_views.holds.apply import HoldChanges

# Plain inserts: a row that exists already means that an event was applied twice, which must not pass in silence.
_PLACE = """
    INSERT INTO views.holds
           (tenant, hold_id, account_id, workspace_id, currency, amount, model, price_version, mode, mode_source,
            payer_reason, used_by, user_id, placed_at, expires_at, position, state, held, captured, overage, released,
            closed_at)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[],
                         %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
                         %b::bigint[], %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[],
                         %b::bigint[], %b::bigint[])
"""

# Holds of before: what is reserved as the last event says it, the sums by what was added.
_MOVE = """
    UPDATE views.holds AS hold
       SET state = moved.state, held = moved.held, captured = hold.captured + moved.captured,
           overage = hold.overage + moved.overage, released = hold.released + moved.released,
           closed_at = moved.closed_at
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                  %b::bigint[])
           AS moved (tenant, hold_id, state, held, captured, overage, released, closed_at)
     WHERE hold.tenant = moved.tenant AND hold.hold_id = moved.hold_id
"""

# Totals only ever add up, also where they go down.
_TOTAL = """
    INSERT INTO views.hold_totals AS total
           (tenant, account_id, currency, placed, open, held, captured, overage, released)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::numeric[], %b::numeric[],
                         %b::numeric[], %b::numeric[])
    ON CONFLICT (tenant, account_id) DO UPDATE
       SET placed = total.placed + excluded.placed, open = total.open + excluded.open,
           held = total.held + excluded.held, captured = total.captured + excluded.captured,
           overage = total.overage + excluded.overage, released = total.released + excluded.released
"""


# Plain inserts, as for entries.
_HELD = """
    INSERT INTO views.held_after (tenant, account_id, recorded_at, position, held)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[])
"""


def write(cursor: Cursor[Any], changes: HoldChanges) -> None:
    """Raises UnknownRow for a hold that was never placed; psycopg.Error."""
    placed, standing = changes.placed, {name: astuple(changes.standing[name]) for name in sorted(changes.standing)}
    if placed:
        cursor.execute(_PLACE, columns((*name, *placed[name], *standing[name]) for name in sorted(placed)))
    if moved := [(*name, *values) for name, values in standing.items() if name not in placed]:
        cursor.execute(_MOVE, columns(moved))
        if cursor.rowcount != len(moved):
            raise UnknownRow(f"{cursor.rowcount} of {len(moved)} holds are known")
    if changes.held:
        cursor.execute(_HELD, columns(sorted(changes.held)))
    if changes.totals:
        totals = changes.totals
        cursor.execute(_TOTAL, columns((*key, *astuple(totals[key])) for key in sorted(totals)))
