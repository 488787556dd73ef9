"""``GET /v1/registries``, ``/v1/policies``: what was published and activated, by whom, and what became of it.

From the governance stream itself, so always as of now; newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import Recorded, read_stream, shard_standing
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer, as_of
from usage_ledger.entrypoints.http.governance_standing import Announced, Standing, standings
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import PAGE, limit_of
from usage_ledger.governance.events import PolicyActivated, RegistryPublished
from usage_ledger.recorded_event import Actor, EventPayload
from usage_ledger.streams import FACTS_SHARD, governance_stream
from usage_ledger_views.reading.page import clamp, cursor_after, cut, key_of

_FROM_THE_NEWEST: Final = 2**63 - 1


class RegistryItem(msgspec.Struct, frozen=True):
    """A published version. ``effective_from`` and ``published_at`` are RFC 3339."""

    version: str
    digest: str
    effective_from: str
    standing: Standing
    reason: str
    published_by: Actor
    published_at: str
    position: str


class RegistryWhole(msgspec.Struct, frozen=True):
    """A published version with its content, as it would be published again under another label."""

    version: str
    digest: str
    effective_from: str
    standing: Standing
    reason: str
    published_by: Actor
    published_at: str
    position: str
    content: msgspec.Raw
    as_of: AsOfAnswer


class PolicyItem(msgspec.Struct, frozen=True):
    """An activated policy. Without ``tenant`` it is for everybody; else for one organization or one workspace."""

    policy: str
    tenant: str | None
    organization_id: str | None
    workspace_id: str | None
    effective_from: str
    standing: Standing
    reason: str
    activated_by: Actor
    activated_at: str
    position: str


class RegistriesAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[RegistryItem]
    next: str | None
    as_of: AsOfAnswer


class PoliciesAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page. Where nothing was activated it is P4."""

    items: list[PolicyItem]
    next: str | None
    as_of: AsOfAnswer


class _Found(NamedTuple):
    """The stream's events of one kind, newest first, what became of each, and as of when."""

    events: list[Recorded]
    standings: dict[int, Standing]
    as_of: AsOfAnswer


async def registries(request: Request) -> Response:
    reading = await begin_reading(request, "registries", PAGE)
    found = await _find(reading, RegistryPublished)
    page, following = _page(reading, found.events)
    items = [RegistryItem(**_registry(event, found.standings)) for event in page]
    return json_response(encode(RegistriesAnswer(items, following, found.as_of)))


async def registry(request: Request) -> Response:
    reading = await begin_reading(request, "registries")
    version = reading.path_id("version")
    found = await _find(reading, RegistryPublished)
    for event in found.events:
        if isinstance(event.payload, RegistryPublished) and event.payload.version == version:
            content = msgspec.Raw(event.payload.content.encode())
            return json_response(
                encode(RegistryWhole(**_registry(event, found.standings), content=content, as_of=found.as_of))
            )
    raise Problem("registry_not_found", f"no registry was published as {version}")


async def policies(request: Request) -> Response:
    reading = await begin_reading(request, "policies", PAGE)
    found = await _find(reading, PolicyActivated)
    page, following = _page(reading, found.events)
    items = [PolicyItem(**_policy(event, found.standings)) for event in page]
    return json_response(encode(PoliciesAnswer(items, following, found.as_of)))


async def _find(reading: Reading, kind: type[EventPayload]) -> _Found:
    """Of all tenants, so a key that is restricted to one thing does not reach it."""
    reading.caller.require_reach()
    async with reading.snapshot() as connection:
        standing = await shard_standing(connection, FACTS_SHARD)
        stream = await read_stream(connection, FACTS_SHARD, governance_stream())
    events = [event for event in stream if isinstance(event.payload, kind)]
    now = max(reading.door.clock.now(), standing.recorded_at)
    facts = [_announced(event.position, event.payload) for event in events]
    return _Found(events[::-1], standings(facts, now), as_of(FACTS_SHARD, *standing))


def _announced(position: int, payload: Any) -> Announced:
    """Registries take the place of each other, policies of those for the same scope."""
    kind = (
        (payload.scope_tenant, payload.organization_id, payload.workspace_id)
        if isinstance(payload, PolicyActivated)
        else None
    )
    return Announced(kind, payload.effective_from, position)


def _page(reading: Reading, newest_first: Sequence[Recorded]) -> tuple[list[Recorded], str | None]:
    limit, after = clamp(limit_of(reading)), reading.query("after")
    before = _FROM_THE_NEWEST if after is None else key_of(after, int)
    page, more = cut([event for event in newest_first if event.position < before], limit)
    return page, cursor_after(page[-1].position) if more else None


def _registry(event: Recorded, standing: dict[int, Standing]) -> dict[str, Any]:
    published: Any = event.payload
    return {
        "version": published.version,
        "digest": published.digest,
        "published_by": event.envelope.actor,
        "published_at": format_micros(event.envelope.recorded_at),
        **_fact(event, standing),
    }


def _policy(event: Recorded, standing: dict[int, Standing]) -> dict[str, Any]:
    activated: Any = event.payload
    return {
        "policy": activated.policy,
        "tenant": activated.scope_tenant,
        "organization_id": activated.organization_id,
        "workspace_id": activated.workspace_id,
        "activated_by": event.envelope.actor,
        "activated_at": format_micros(event.envelope.recorded_at),
        **_fact(event, standing),
    }


def _fact(event: Recorded, standing: dict[int, Standing]) -> dict[str, Any]:
    fact: Any = event.payload
    return {
        "effective_from": format_micros(fact.effective_from),
        "standing": standing[event.position],
        "reason": fact.reason,
        "position": str(Position(event.shard, event.position)),
    }


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/registries",
        name="ListRegistries",
        tag="governance",
        summary="Registry versions that were published, and which one is in force, newest first",
        handle=registries,
        answers=(RegistriesAnswer,),
        refusals=READ_REFUSALS,
        query=PAGE,
    ),
    Route(
        method="GET",
        path="/v1/registries/{version}",
        name="GetRegistry",
        tag="governance",
        summary="A registry version with its content",
        handle=registry,
        answers=(RegistryWhole,),
        refusals=(*READ_REFUSALS, "registry_not_found"),
    ),
    Route(
        method="GET",
        path="/v1/policies",
        name="ListPolicies",
        tag="governance",
        summary="Policies that were activated, and which are in force or to come, newest first",
        handle=policies,
        answers=(PoliciesAnswer,),
        refusals=READ_REFUSALS,
        query=PAGE,
    ),
)
