"""Today's mode of a workspace, or that of another time, from the facts themselves: the resolver's own answer.

No view is asked. The facts are the workspace's events and the deployment's; each fact counts from its recorded time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from usage_ledger.adapters.postgres.ledger_reader import Recorded, read_stream
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.recorded_event import Actor
from usage_ledger.streams import FACTS_SHARD, deployment_stream, workspace_stream
from usage_ledger.workspaces.answer import answer_at, resolution_at
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung
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
    workspace_override: BillingMode | None
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    rungs: tuple[Rung, ...]
    changed_by: ChangedBy
    as_of: AsOfAnswer


class _Folded(NamedTuple):
    workspace: Workspace
    deployment: Deployment
    last_change: Recorded


_TAKEN_OVER = tuple(name for name in BillingModeAnswer.__struct_fields__ if name not in ("changed_by", "as_of"))


async def billing_mode_at(
    connection: AsyncConnection[Any], shard: int, tenant: str, workspace_id: str, facts: FactsAsOf, as_of: AsOfAnswer
) -> BillingModeAnswer | None:
    """None if there was no such workspace then."""
    workspace_events = await read_stream(connection, shard, workspace_stream(tenant, workspace_id))
    deployment_events = await read_stream(connection, FACTS_SHARD, deployment_stream())
    known = [event for event in workspace_events if event.position <= facts.position]
    folded = _fold(_stated_by(facts.at, deployment_events, known))
    if folded is None:
        return None
    answer = answer_at(workspace_id, folded.workspace, folded.deployment, facts.at, before=None)
    taken_over = {name: getattr(answer, name) for name in _TAKEN_OVER}
    return BillingModeAnswer(**taken_over, changed_by=_changed_by(folded.last_change), as_of=as_of)


def _stated_by(at: int, deployment: Iterable[Recorded], workspace: Iterable[Recorded]) -> list[Recorded]:
    """In order of recording. Sorting keeps the order of equals: the deployment's facts come before the workspace's."""
    stated = [event for event in (*deployment, *workspace) if event.envelope.recorded_at <= at]
    return sorted(stated, key=lambda event: event.envelope.recorded_at)


def _fold(events: Iterable[Recorded]) -> _Folded | None:
    workspace, deployment = Workspace(), Deployment()
    last_change: Recorded | None = None
    before: Resolution | None = None
    for event, resolution in _resolutions(events, workspace, deployment):
        if resolution != before:
            last_change = event
        before = resolution
    return None if last_change is None else _Folded(workspace, deployment, last_change)


def _resolutions(
    events: Iterable[Recorded], workspace: Workspace, deployment: Deployment
) -> Iterator[tuple[Recorded, Resolution | None]]:
    """What the rules answer after each event; None before the workspace begins."""
    for event in events:
        recorded_at = event.envelope.recorded_at
        folded = deployment if event.stream_id == deployment_stream() else workspace
        folded.apply(event.payload, recorded_at)
        yield event, resolution_at(workspace, deployment, recorded_at) if workspace.version else None


def _changed_by(event: Recorded) -> ChangedBy:
    envelope = event.envelope
    return ChangedBy(str(UUID(bytes=envelope.event_id)), envelope.actor, format_micros(envelope.recorded_at))
