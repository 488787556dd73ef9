"""ResolveBillingModes: what a fact of the deployment or of an organization makes of workspaces that nobody asks for.

Records for each whose answer, named states or faults are not what its events said last; for all others nothing, so it
may be sent as often as one likes.
"""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision, StreamUnreadable
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.changing import sources_of
from usage_ledger.workspaces.commands import ResolveBillingModes
from usage_ledger.workspaces.mode_at import judged_at
from usage_ledger.workspaces.mode_changes import tell
from usage_ledger.workspaces.workspace import Workspace


class ModesResolved(msgspec.Struct, frozen=True):
    """Of how many workspaces it was asked, and how many of them are told otherwise now."""

    asked: int
    changed: int


def resolve_billing_modes(command: ResolveBillingModes, decision: Decision) -> ModesResolved:
    """Each is judged under the lock, whatever was found before."""
    streams = [workspace_stream(decision.tenant, workspace_id) for workspace_id in command.workspace_ids]
    decision.preload(Workspace, streams)
    changed = [_resolve(workspace_id, command, decision) for workspace_id in command.workspace_ids]
    return ModesResolved(len(changed), sum(changed))


def _resolve(workspace_id: str, command: ResolveBillingModes, decision: Decision) -> bool:
    workspace = _readable(workspace_id, decision)
    if workspace is None or workspace.registered_at is None:
        return False
    # Clocks differ: one that is behind must not find that the fact does not count yet.
    instant = max(decision.recorded_at, command.since)
    judged = judged_at(sources_of(workspace_id, workspace, decision), instant, decision.fact_readers)
    before = workspace.reported.resolution if workspace.reported else None
    return tell(workspace_id, workspace, before, judged, command.cause, decision)


def _readable(workspace_id: str, decision: Decision) -> Workspace | None:
    """One that cannot be read can be told nothing, and keeps nobody else from being told."""
    try:
        return decision.get(Workspace, workspace_stream(decision.tenant, workspace_id))
    except StreamUnreadable:
        return None
