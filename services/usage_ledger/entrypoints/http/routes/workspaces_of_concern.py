"""Workspaces in a named state that somebody should look at: questions 7 to 9 of billing-mode 13."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
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
from usage_ledger.entrypoints.http.workspace_billing_answer import RunOfWorkspace, run_of
from usage_ledger_views.workspace_billing.states import Concern, WorkspaceInState, list_workspaces_of_concern

QUERY: Final = (WORKSPACE, WAIT_FOR, *PAGE)


class WorkspaceOfConcern(msgspec.Struct, frozen=True):
    """``states`` are all that the workspace is in, ``position`` that of the event that said so."""

    workspace_id: str
    organization_id: str
    mode: str
    source: str
    workspace_override: str | None
    provider: str | None
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    states: list[str]
    faults: list[str]
    run: RunOfWorkspace | None
    position: str


class WorkspacesOfConcernAnswer(msgspec.Struct, frozen=True):
    """By their ids; ``next`` is null on the last page."""

    items: list[WorkspaceOfConcern]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


def _handler(concern: Concern) -> Callable[[Request], Awaitable[Response]]:
    async def listed(request: Request) -> Response:
        reading = await begin_reading(request, "workspaces_of_concern", QUERY)
        workspace_id, limit, after = workspace_reach_of(reading), limit_of(reading), reading.query("after")
        await await_position(reading)
        async with reading.snapshot() as connection:
            page = await list_workspaces_of_concern(
                connection,
                reading.shard,
                reading.tenant,
                concern,
                workspace_id=workspace_id,
                limit=limit,
                after=after,
            )
        items = [_item(reading, workspace) for workspace in page.items]
        answer = WorkspacesOfConcernAnswer(items, page.next, reflected(page.as_of), page.incomplete)
        return json_response(encode(answer))

    return listed


def _item(reading: Reading, workspace: WorkspaceInState) -> WorkspaceOfConcern:
    return WorkspaceOfConcern(
        workspace_id=workspace.workspace_id,
        organization_id=workspace.organization_id,
        mode=workspace.mode,
        source=workspace.source,
        workspace_override=workspace.override,
        provider=workspace.provider,
        policy=workspace.policy,
        registry=workspace.registry_version,
        model=workspace.model,
        runtime=workspace.runtime,
        states=workspace.states,
        faults=workspace.faults,
        run=run_of(workspace),
        position=str(Position(reading.shard, workspace.answered_position)),
    )


def _route(path: str, name: str, summary: str, concern: Concern) -> Route:
    return Route(
        method="GET",
        path=f"/v1/billing-mode/{path}",
        name=name,
        tag="workspaces",
        summary=summary,
        handle=_handler(concern),
        answers=(WorkspacesOfConcernAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=QUERY,
    )


ROUTES: Final = (
    _route(
        "stale-overrides",
        "ListStaleOverrides",
        "Workspaces whose override changes nothing, or contradicts their model",
        "stale_overrides",
    ),
    _route(
        "keys-beside-platform-models",
        "ListKeysBesidePlatformModels",
        "Workspaces with a vendor's key of their own beside a platform model",
        "keys_beside_platform_models",
    ),
    _route(
        "unsatisfiable",
        "ListUnsatisfiable",
        "Workspaces whose next run could not start by their mode",
        "unsatisfiable",
    ),
)
