"""Writes what a batch said about workspaces."""

from __future__ import annotations

import json
from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.storable import storable
from usage_ledger_views.workspace_billing.apply import ANSWER, WorkspaceChanges

# Workspaces change rarely and by a few columns each, so a row travels as a JSON object of what is set. A column that
# the object does not name keeps its value; one that it names as null becomes null. A stream that was repaired brings
# older answers than those that another one gave meanwhile: they are left out.
_UPSERT = """
    INSERT INTO views.workspace_billing AS workspace
    SELECT row.*
      FROM unnest(%b::text[], %b::text[], %b::jsonb[]) AS changed (tenant, workspace_id, columns)
      LEFT JOIN views.workspace_billing AS known
        ON known.tenant = changed.tenant AND known.workspace_id = changed.workspace_id
     CROSS JOIN LATERAL jsonb_populate_record(known,
                CASE WHEN known.tenant IS NULL
                     THEN '{"states": [], "faults": [], "answered_position": 0, "version": 0}'::jsonb || changed.columns
                     WHEN (changed.columns ->> 'answered_position')::bigint < known.answered_position
                     THEN changed.columns - %b::text[] ELSE changed.columns END
                || jsonb_build_object('tenant', changed.tenant, 'workspace_id', changed.workspace_id,
                       'position', greatest(known.position, (changed.columns ->> 'position')::bigint),
                       'recorded_at', greatest(known.recorded_at, (changed.columns ->> 'recorded_at')::bigint))) AS row
    ON CONFLICT (tenant, workspace_id) DO UPDATE
       SET kind = excluded.kind, organization_id = excluded.organization_id, deployment = excluded.deployment,
           runtime = excluded.runtime, model = excluded.model, override = excluded.override, mode = excluded.mode,
           source = excluded.source, provider = excluded.provider, policy = excluded.policy,
           registry_version = excluded.registry_version, states = excluded.states, faults = excluded.faults,
           answered_position = excluded.answered_position, run_id = excluded.run_id, run_mode = excluded.run_mode,
           run_provider = excluded.run_provider, payer = excluded.payer, payer_pinned_at = excluded.payer_pinned_at,
           registered_at = excluded.registered_at, version = excluded.version, position = excluded.position,
           recorded_at = excluded.recorded_at
"""


def write(cursor: Cursor[Any], changes: WorkspaceChanges) -> None:
    """Raises psycopg.Error."""
    if changes:
        names, ids, changed = columns((*key, json.dumps(storable(changes[key]))) for key in sorted(changes))
        cursor.execute(_UPSERT, (names, ids, changed, list(ANSWER)))
