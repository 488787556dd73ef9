"""``GET /v1/runs`` and ``/v1/billing-mode/fallbacks``: what runs were decided to be (billing-mode 10, 13.10)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.acting import ActorAnswer, behalf_answer
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.recorded_period import PERIOD, period_of
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import (
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    await_position,
    limit_of,
    reflected,
    workspace_reach_of,
)
from usage_ledger.workspaces.billing_mode import Rung
from usage_ledger.workspaces.events import SeenInput
from usage_ledger_views.decisions.queries import ProvisionMade, list_decisions

QUERY: Final = (WORKSPACE, *PERIOD, WAIT_FOR, *PAGE)


class RunItem(msgspec.Struct, frozen=True):
    """What a run is, for ever; or, with ``provision_outcome`` refused, the gates that failed: ``code``, then ``also``.

    The other names are those that DecideProvision answers with.
    """

    run_id: str
    workspace_id: str
    provision_outcome: str
    code: str | None
    also: list[str]
    resolved_mode: str
    source: str
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    registry_digest: str | None
    inputs: list[SeenInput]
    rungs: list[Rung]
    faults: list[str]
    warnings: list[str]
    withheld: list[str]
    event_id: str
    position: str
    actor: ActorAnswer
    on_behalf_of: ActorAnswer | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: str


class RunsAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[RunItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def runs(request: Request) -> Response:
    return await _listed(request, only_fallbacks=False)


async def fallbacks(request: Request) -> Response:
    return await _listed(request, only_fallbacks=True)


async def _listed(request: Request, *, only_fallbacks: bool) -> Response:
    reading = await begin_reading(request, "runs", QUERY)
    workspace_id, period = workspace_reach_of(reading), period_of(reading)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_decisions(
            connection,
            reading.shard,
            reading.tenant,
            only_fallbacks=only_fallbacks,
            workspace_id=workspace_id,
            period=period,
            limit=limit,
            after=after,
        )
    items = [_item(reading, made) for made in page.items]
    return json_response(encode(RunsAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, made: ProvisionMade) -> RunItem:
    return RunItem(
        run_id=made.run_id,
        workspace_id=made.workspace_id,
        provision_outcome=made.outcome,
        code=made.code,
        also=made.also,
        resolved_mode=made.mode,
        source=made.source,
        provider_selection=made.provider,
        derived_by=made.how,
        policy=made.policy,
        registry=made.registry_version,
        registry_digest=made.registry_digest,
        inputs=_structs(made.inputs, SeenInput),
        rungs=_structs(made.trail, Rung),
        faults=made.faults,
        warnings=made.warnings,
        withheld=made.withheld,
        event_id=made.event_id,
        position=str(Position(reading.shard, made.position)),
        actor=ActorAnswer(made.actor_kind, made.actor_id),
        on_behalf_of=behalf_answer(made.on_behalf_of_kind, made.on_behalf_of_id),
        command_source=made.command_source,
        command_id=made.command_id,
        correlation_id=made.correlation_id,
        recorded_at=format_micros(made.recorded_at),
    )


def _structs(seen: list[dict[str, Any]], kind: type[Any]) -> list[Any]:
    return [kind(**each) for each in seen]


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/runs",
        name="ListRuns",
        tag="workspaces",
        summary="What runs were decided to be, and which could not start, newest first",
        handle=runs,
        answers=(RunsAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=QUERY,
    ),
    Route(
        method="GET",
        path="/v1/billing-mode/fallbacks",
        name="ListFallbackDecisions",
        tag="workspaces",
        summary="Runs that nothing but the last rung or a constant decided, with the faults, newest first",
        handle=fallbacks,
        answers=(RunsAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=QUERY,
    ),
)
