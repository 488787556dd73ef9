"""The write side's facts, read for questions about billing modes: what a mode is derived from, as far as it was known.

No view is asked, and nothing is remembered: the events are the truth, and few of them move a mode.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from eventsourcing.persistence import MapperDeserialisationError

from usage_ledger.adapters.postgres.ledger_reader import Connection, Recorded, read_stream
from usage_ledger.adapters.postgres.workspace_events import moving_events
from usage_ledger.governance.events import RegistryPublished
from usage_ledger.streams import (
    FACTS_SHARD,
    deployment_stream,
    governance_stream,
    organization_stream,
    workspace_stream,
)
from usage_ledger.workspaces.known_facts import KnownFacts
from usage_ledger.workspaces.mode_sources import organization_of
from usage_ledger.workspaces.workspace import Workspace


class KnownUntil(NamedTuple):
    """What counts as known: events of the tenant's shard up to ``position``, recorded by a time, microseconds UTC."""

    position: int
    recorded_at: int

    def of_tenant(self, events: Iterable[Recorded]) -> list[Recorded]:
        return [event for event in self.of_deployment(events) if event.position <= self.position]

    def of_deployment(self, events: Iterable[Recorded]) -> list[Recorded]:
        """Positions of another shard say nothing, so the time alone decides."""
        return [event for event in events if event.envelope.recorded_at <= self.recorded_at]


async def known_facts_of(
    connection: Connection, shard: int, tenant: str, workspace_id: str, until: KnownUntil, instant: int
) -> KnownFacts[Recorded]:
    """Every fact that could have moved the workspace's mode by the instant, microseconds UTC."""
    stream, recorded_by = workspace_stream(tenant, workspace_id), min(until.recorded_at, instant)
    workspace = await moving_events(connection, shard, stream, until.position, recorded_by)
    organization_id = _organization_of(tenant, workspace)
    organization = await _organization(connection, shard, organization_stream(tenant, organization_id))
    deployment = await read_stream(connection, FACTS_SHARD, deployment_stream())
    governance = await read_stream(connection, FACTS_SHARD, governance_stream())
    return KnownFacts(
        tenant,
        workspace_id,
        organization_id,
        facts=(
            *until.of_deployment(deployment),
            *until.of_deployment(governance),
            *until.of_tenant(organization or ()),
            *workspace,
        ),
        is_organization_readable=organization is not None,
    )


def published_registry(facts: Iterable[Recorded], label: str) -> RegistryPublished | None:
    """The registry version of this label, in force or not, where it was published by then."""
    for fact in facts:
        if isinstance(fact.payload, RegistryPublished) and fact.payload.version == label:
            return fact.payload
    return None


async def _organization(connection: Connection, shard: int, stream_id: str) -> list[Recorded] | None:
    """None is a stream that cannot be read: never the same as one in which nothing is."""
    try:
        return await read_stream(connection, shard, stream_id)
    except MapperDeserialisationError:
        return None


def _organization_of(tenant: str, events: Iterable[Recorded]) -> str:
    workspace = Workspace()
    for event in events:
        workspace.apply(event.payload, event.envelope.recorded_at)
    return organization_of(tenant, workspace)
