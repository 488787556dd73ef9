"""Where the inputs of a workspace's billing mode come from, and the snapshot of them that holds at an instant."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.timeline import Timeline
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.resolver.fact_reader import FactReader, FactReaders, FactUnreadable
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.workspace import Workspace


class ModeSources(NamedTuple):
    """Everything that can move the mode of one workspace. ``organization`` None is one that cannot be read."""

    tenant: str
    workspace_id: str
    workspace: Workspace
    organization: Organization | None
    deployment: Deployment
    governance: Governance

    def policy_at(self, instant: int) -> Policy:
        return self.governance.policy_at(self.tenant, self.organization_id, self.workspace_id, instant)

    def policies(self) -> list[Timeline[Policy | None]]:
        """The activations that may judge this workspace."""
        return self.governance.policies_of(self.tenant, self.organization_id, self.workspace_id)

    @property
    def organization_id(self) -> str:
        return organization_of(self.tenant, self.workspace)


ReadersAt = Callable[[ModeSources, int], FactReaders]
"""Readers of the sources as they stood at an instant, microseconds UTC."""


def organization_of(tenant: str, workspace: Workspace) -> str:
    """A workspace that names none belongs to the tenant's own, which is called like the tenant."""
    return workspace.organization_id or tenant


def stored_facts(sources: ModeSources, instant: int) -> FactReaders:
    """The facts as the streams hold them."""
    workspace, organization = sources.workspace, sources.organization
    return FactReaders(
        override=lambda: workspace.override.at(instant),
        org_default=_of(organization, lambda found: found.default_mode.at(instant)),
        runtime=lambda: workspace.runtime.at(instant),
        model=lambda: workspace.model.at(instant),
        workspace_credentials=lambda: workspace.credentials.names.at(instant),
        tenant_credentials=_names_of(organization, instant),
        is_proxy_wired=sources.deployment.wired.at(instant),
    )


def _names_of(organization: Organization | None, instant: int) -> FactReader[Collection[str]]:
    def read() -> Collection[str]:
        if organization is None:
            raise FactUnreadable("the organization's stream")
        return organization.credentials.names.at(instant)

    return read


def _of(organization: Organization | None, read: Callable[[Organization], str | None]) -> FactReader[str | None]:
    def read_default() -> str | None:
        if organization is None:
            raise FactUnreadable("the organization's stream")
        return read(organization)

    return read_default
