"""Rows of workspaces, so that whoever reacts to a fact about many finds them.

They follow from the events, are written in their transaction, and can be made again from them.
"""

from __future__ import annotations

from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, WorkspaceRow
from usage_ledger.workspaces.events import WorkspaceRegistered


def index_workspace(batch: Batch, shard: int, envelope: Envelope, payload: EventPayload) -> None:
    """A workspace stays with its organization for ever."""
    if isinstance(payload, WorkspaceRegistered):
        organization_id = payload.organization_id or envelope.tenant
        batch.workspaces.append(WorkspaceRow(shard, envelope.tenant, payload.workspace_id, organization_id))
