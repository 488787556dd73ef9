"""Writes what a batch said about workspaces."""

from __future__ import annotations

import json
from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.workspace_billing.apply import WorkspaceChanges

# Workspaces change rarely and by a few columns each, so a row travels as a JSON object of what is set. A column that
# the object does not name keeps its value; one that it names as null becomes null.
_UPSERT = """
    INSERT INTO views.workspace_billing AS workspace
    SELECT row.*
      FROM unnest(%b::text[], %b::text[], %b::text[]) AS changed (tenant, workspace_id, columns)
      LEFT JOIN views.workspace_billing AS known
        ON known.tenant = changed.tenant AND known.workspace_id = changed.workspace_id
     CROSS JOIN LATERAL jsonb_populate_record(known, changed.columns::jsonb
                || jsonb_build_object('tenant', changed.tenant, 'workspace_id', changed.workspace_id)) AS row
    ON CONFLICT (tenant, workspace_id) DO UPDATE
       SET kind = excluded.kind, deployment = excluded.deployment, runtime = excluded.runtime, model = excluded.model,
           override = excluded.override, mode = excluded.mode, source = excluded.source, provider = excluded.provider,
           policy = excluded.policy, payer = excluded.payer, payer_pinned_at = excluded.payer_pinned_at,
           registered_at = excluded.registered_at, position = excluded.position, recorded_at = excluded.recorded_at
"""


def write(cursor: Cursor[Any], changes: WorkspaceChanges) -> None:
    """Raises psycopg.Error."""
    if changes:
        cursor.execute(_UPSERT, columns((*key, json.dumps(changes[key])) for key in sorted(changes)))
