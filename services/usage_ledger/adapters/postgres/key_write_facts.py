"""What the rules could see when a credential name was refused, for a page of refusals: every stream is read once."""

from __future__ import annotations

from typing import TypeVar

from eventsourcing.persistence import MapperDeserialisationError

from usage_ledger.adapters.postgres.ledger_reader import Connection, Recorded, read_stream
from usage_ledger.adapters.postgres.workspace_events import moving_events
from usage_ledger.deciding import Aggregate
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.streams import (
    FACTS_SHARD,
    deployment_stream,
    governance_stream,
    organization_stream,
    workspace_stream,
)
from usage_ledger.timeline import END
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.workspace import Workspace

A = TypeVar("A", bound=Aggregate)


class KeyWriteFacts:
    """Within one snapshot. What the deployment's facts say of an instant does not change afterwards, so they are folded
    whole, and once."""

    def __init__(self, connection: Connection, shard: int, tenant: str) -> None:
        self._connection = connection
        self._shard = shard
        self._tenant = tenant
        self._streams: dict[str, list[Recorded] | None] = {}
        self._platform: tuple[Deployment, Governance] | None = None

    async def sources(self, workspace_id: str, organization_id: str, position: int) -> ModeSources:
        """Facts of the workspace and its organization up to the position of the tenant's shard.

        Raises MapperDeserialisationError if the workspace's own cannot be read.
        """
        deployment, governance = await self._platform_facts()
        organization = await self._organization(organization_stream(self._tenant, organization_id))
        workspace = _folded(Workspace(), await self._workspace(workspace_stream(self._tenant, workspace_id)), position)
        # One that did not begin names no organization itself.
        workspace.organization_id = organization_id
        return ModeSources(
            self._tenant,
            workspace_id,
            workspace,
            None if organization is None else _folded(Organization(), organization, position),
            deployment,
            governance,
        )

    async def _platform_facts(self) -> tuple[Deployment, Governance]:
        if self._platform is None:
            deployment = await read_stream(self._connection, FACTS_SHARD, deployment_stream())
            governance = await read_stream(self._connection, FACTS_SHARD, governance_stream())
            self._platform = _folded(Deployment(), deployment, END), _folded(Governance(), governance, END)
        return self._platform

    async def _organization(self, stream_id: str) -> list[Recorded] | None:
        """None is a stream that cannot be read: never the same as one in which nothing is."""
        if stream_id not in self._streams:
            try:
                self._streams[stream_id] = await read_stream(self._connection, self._shard, stream_id)
            except MapperDeserialisationError:
                self._streams[stream_id] = None
        return self._streams[stream_id]

    async def _workspace(self, stream_id: str) -> list[Recorded]:
        events = self._streams.get(stream_id)
        if events is None:
            events = await moving_events(self._connection, self._shard, stream_id, END - 1, END - 1)
            self._streams[stream_id] = events
        return events


def _folded(aggregate: A, events: list[Recorded], position: int) -> A:
    for event in events:
        if event.position <= position:
            aggregate.apply(event.payload, event.envelope.recorded_at)
    return aggregate
