"""What every write to a workspace has in common: who it is about, what its mode was, and what it will be.

A deciding function judges the state that its events will leave before it records any of them.
"""

from __future__ import annotations

from usage_ledger.deciding import Decision, StreamUnreadable
from usage_ledger.refusals import Refusal, VersionConflict
from usage_ledger.streams import organization_stream, workspace_stream
from usage_ledger.workspaces.mode_at import Judged, judged_at
from usage_ledger.workspaces.mode_sources import ModeSources, organization_of
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.workspace import Workspace


def existing(workspace_id: str, expected_version: int | None, decision: Decision) -> Workspace:
    """The workspace. Raises ``Refusal('workspace_not_found')``, ``VersionConflict``."""
    workspace = decision.get(Workspace, workspace_stream(decision.tenant, workspace_id))
    if not workspace.version:
        raise Refusal("workspace_not_found", f"workspace {workspace_id} is not registered")
    if expected_version is not None and expected_version != workspace.version:
        raise VersionConflict(expected_version, workspace.version)
    return workspace


def sources_of(workspace_id: str, workspace: Workspace, decision: Decision) -> ModeSources:
    """Everything that can move the workspace's mode, as this decision knows it."""
    facts = decision.facts
    organization = readable_organization(organization_of(decision.tenant, workspace), decision)
    return ModeSources(decision.tenant, workspace_id, workspace, organization, facts.deployment, facts.governance)


def judged_now(workspace_id: str, workspace: Workspace, decision: Decision) -> Judged:
    """What the rules answer today."""
    return judged_at(sources_of(workspace_id, workspace, decision), decision.recorded_at, decision.fact_readers)


def readable_organization(organization_id: str, decision: Decision) -> Organization | None:
    """None is one that cannot be read, which never passes for one of which nothing is stored."""
    try:
        return decision.get(Organization, organization_stream(decision.tenant, organization_id))
    except StreamUnreadable:
        return None
