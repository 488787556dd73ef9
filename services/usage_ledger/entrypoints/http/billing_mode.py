"""Today's mode of a workspace, or that of another time, from the facts themselves: the resolver's own answer.

No view is asked. The facts are the workspace's events and the deployment's; each fact counts from its recorded time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from usage_ledger.adapters.postgres.ledger_reader import Recorded, read_stream
from usage_ledger.deciding import Aggregate
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.governance.governance import Governance
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import (
    FACTS_SHARD,
    deployment_stream,
    governance_stream,
    organization_stream,
    workspace_stream,
)
from usage_ledger.workspaces.answer import answer_at
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung
from usage_ledger.workspaces.mode_at import resolution_at
from usage_ledger.workspaces.mode_sources import ModeSources, organization_of
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.workspace import Workspace


class FactsAsOf(NamedTuple):
    """Which facts judge: those known at ``position`` of the tenant's shard, as they stood ``at`` (microseconds UTC)."""

    position: int
    at: int


class ChangedBy(msgspec.Struct, frozen=True):
    """The event that last changed the answer."""

    event_id: str
    actor: Actor
    at: str


class BillingModeAnswer(msgspec.Struct, frozen=True):
    """Who pays, and why: every rung with what it saw. ``version`` is the workspace stream's."""

    workspace_id: str
    version: int
    resolved_mode: BillingMode
    workspace_override: str | None
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    rungs: tuple[Rung, ...]
    states: tuple[str, ...]
    faults: tuple[str, ...]
    changed_by: ChangedBy
    as_of: AsOfAnswer


class _Folded(NamedTuple):
    sources: ModeSources
    last_change: Recorded


_TAKEN_OVER = tuple(name for name in BillingModeAnswer.__struct_fields__ if name not in ("changed_by", "as_of"))


async def billing_mode_at(
    connection: AsyncConnection[Any], shard: int, tenant: str, workspace_id: str, facts: FactsAsOf, as_of: AsOfAnswer
) -> BillingModeAnswer | None:
    """None if there was no such workspace then."""
    workspace = await read_stream(connection, shard, workspace_stream(tenant, workspace_id))
    known = [event for event in workspace if event.position <= facts.position]
    organization = await read_stream(connection, shard, organization_stream(tenant, _organization_of(tenant, known)))
    known += [event for event in organization if event.position <= facts.position]
    deployment_wide = [
        *await read_stream(connection, FACTS_SHARD, deployment_stream()),
        *await read_stream(connection, FACTS_SHARD, governance_stream()),
    ]
    folded = _fold(tenant, workspace_id, _stated_by(facts.at, deployment_wide, known))
    if folded is None:
        return None
    answer = answer_at(folded.sources, facts.at, before=None)
    taken_over = {name: getattr(answer, name) for name in _TAKEN_OVER}
    return BillingModeAnswer(**taken_over, changed_by=_changed_by(folded.last_change), as_of=as_of)


def _organization_of(tenant: str, events: Iterable[Recorded]) -> str:
    workspace = Workspace()
    for event in events:
        workspace.apply(event.payload, event.envelope.recorded_at)
    return organization_of(tenant, workspace)


def _stated_by(at: int, deployment_wide: Iterable[Recorded], tenants: Iterable[Recorded]) -> list[Recorded]:
    """In order of recording. Sorting keeps the order of equals: the deployment's facts come before the tenant's."""
    stated = [event for event in (*deployment_wide, *tenants) if event.envelope.recorded_at <= at]
    return sorted(stated, key=lambda event: event.envelope.recorded_at)


def _fold(tenant: str, workspace_id: str, events: Iterable[Recorded]) -> _Folded | None:
    sources = ModeSources(tenant, workspace_id, Workspace(), Organization(), Deployment(), Governance())
    last_change: Recorded | None = None
    before: Resolution | None = None
    for event in events:
        recorded_at = event.envelope.recorded_at
        _folded_into(sources, event).apply(event.payload, recorded_at)
        resolution = resolution_at(sources, recorded_at) if sources.workspace.version else None
        if resolution != before:
            last_change = event
        before = resolution
    return None if last_change is None else _Folded(sources, last_change)


def _folded_into(sources: ModeSources, event: Recorded) -> Aggregate:
    if event.stream_id == deployment_stream():
        return sources.deployment
    if event.stream_id == governance_stream():
        return sources.governance
    if event.stream_id == workspace_stream(sources.tenant, sources.workspace_id):
        return sources.workspace
    return sources.organization or Organization()


def _changed_by(event: Recorded) -> ChangedBy:
    envelope = event.envelope
    return ChangedBy(str(UUID(bytes=envelope.event_id)), envelope.actor, format_micros(envelope.recorded_at))
