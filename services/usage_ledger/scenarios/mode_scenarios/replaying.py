"""What the events say of the workspace, read back from their bytes: a second way to what the appender keeps in hand."""

from __future__ import annotations

from typing import Any, TypeVar

from usage_ledger.deciding import Aggregate
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.scenarios.history import History
from usage_ledger.scenarios.mode_scenarios.scenario import TENANT, WORKSPACE, State
from usage_ledger.streams import deployment_stream, governance_stream, organization_stream, workspace_stream
from usage_ledger.workspaces.mode_sources import ModeSources, organization_of
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.workspace import Workspace

A = TypeVar("A", bound=Aggregate)


def sources_in(history: History) -> ModeSources:
    """All that the workspace's mode is derived from, folded anew."""
    workspace = _folded(Workspace, workspace_stream(TENANT, WORKSPACE), history)
    organization = organization_stream(TENANT, organization_of(TENANT, workspace))
    return ModeSources(
        TENANT,
        WORKSPACE,
        workspace,
        _folded(Organization, organization, history),
        _folded(Deployment, deployment_stream(), history),
        _folded(Governance, governance_stream(), history),
    )


def state_of(sources: ModeSources, instant: int) -> State:
    """In the words of a table. ``instant`` is microseconds UTC."""
    workspace, organization = sources.workspace, sources.organization
    return State(
        policy=sources.policy_at(instant).name,
        is_proxy_wired=sources.deployment.wired_at(instant),
        is_registered=workspace.version > 0,
        kind=workspace.kind if workspace.version else None,
        runtime=workspace.runtime.latest,
        model=workspace.model.latest,
        override=workspace.override.latest,
        workspace_credentials=tuple(sorted(workspace.credentials.names.latest)),
        tenant_credentials=tuple(sorted(organization.credentials.names.latest)) if organization else (),
    )


def _folded(kind: type[A], stream_id: str, history: History) -> A:
    aggregate: Any = kind()
    for event in history.of_stream(stream_id):
        aggregate.apply(event.payload, event.envelope.recorded_at)
    return aggregate
