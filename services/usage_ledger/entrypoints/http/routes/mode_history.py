"""``GET …/billing-mode/history``: what moved the mode of a workspace, or of an organization's (billing-mode 13.4)."""

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
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.recorded_period import PERIOD, period_of
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger_views.mode_history.queries import (
    ModeChanged,
    list_organization_mode_changes,
    list_workspace_mode_changes,
)
from usage_ledger_views.reading.page import Page

QUERY: Final = (*PERIOD, WAIT_FOR, *PAGE)


class ModeSeen(msgspec.Struct, frozen=True):
    """What the rules answered, and by which policy and registry version."""

    mode: str
    source: str
    provider: str | None
    policy: str
    registry: str | None


class ModeChangeItem(msgspec.Struct, frozen=True):
    """``change``: registration, runtime, model, override, credential, org_default; answer where it moved by itself.

    ``before`` and ``after`` are the stored texts of what changed, of a credential its name. ``resolution_…`` is what
    the rules answered as the write found it and left it; null of a default, which moves workspaces by changes of
    theirs. ``cause`` is the event that moved an answer.
    """

    event_id: str
    position: str
    change: str
    workspace_id: str | None
    organization_id: str | None
    scope: str | None
    before: str | None
    after: str | None
    resolution_before: ModeSeen | None
    resolution_after: ModeSeen | None
    states: list[str]
    faults: list[str]
    origin: str | None
    reason: str | None
    cause: str | None
    actor: ActorAnswer
    on_behalf_of: ActorAnswer | None
    command_source: str
    command_id: str
    correlation_id: str
    effective_at: str
    recorded_at: str


class ModeHistoryAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[ModeChangeItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def workspace_mode_history(request: Request) -> Response:
    reading = await begin_reading(request, "mode_history", QUERY)
    workspace_id = reading.path_id("workspace_id")
    reading.caller.require_reach(None, workspace_id)
    period, limit, after = period_of(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_workspace_mode_changes(
            connection, reading.shard, reading.tenant, workspace_id, period=period, limit=limit, after=after
        )
    if page is None:
        raise Problem("workspace_not_found", f"the views know no workspace {workspace_id}")
    return _answer(reading, page)


async def organization_mode_history(request: Request) -> Response:
    """Of all its workspaces, so that a key that is restricted to one does not reach it."""
    reading = await begin_reading(request, "mode_history", QUERY)
    organization_id = reading.path_id("organization_id")
    reading.caller.require_reach()
    period, limit, after = period_of(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_organization_mode_changes(
            connection, reading.shard, reading.tenant, organization_id, period=period, limit=limit, after=after
        )
    if page is None:
        raise Problem("organization_not_found", f"the views know no organization {organization_id}")
    return _answer(reading, page)


def _answer(reading: Reading, page: Page[ModeChanged]) -> Response:
    items = [_item(reading, change) for change in page.items]
    return json_response(encode(ModeHistoryAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, change: ModeChanged) -> ModeChangeItem:
    return ModeChangeItem(
        event_id=change.event_id,
        position=str(Position(reading.shard, change.position)),
        change=change.what,
        workspace_id=change.workspace_id,
        organization_id=change.organization_id,
        scope=change.scope,
        before=change.value_before,
        after=change.value_after,
        resolution_before=_seen(change.answer_before),
        resolution_after=_seen(change.answer_after),
        states=change.states,
        faults=change.faults,
        origin=change.origin,
        reason=change.reason,
        cause=change.cause,
        actor=ActorAnswer(change.actor_kind, change.actor_id),
        on_behalf_of=behalf_answer(change.on_behalf_of_kind, change.on_behalf_of_id),
        command_source=change.command_source,
        command_id=change.command_id,
        correlation_id=change.correlation_id,
        effective_at=format_micros(change.effective_at),
        recorded_at=format_micros(change.recorded_at),
    )


def _seen(answer: dict[str, Any] | None) -> ModeSeen | None:
    if answer is None:
        return None
    return ModeSeen(answer["mode"], answer["source"], answer["provider"], answer["policy"], answer["registry_version"])


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/workspaces/{workspace_id}/billing-mode/history",
        name="ListModeHistory",
        tag="workspaces",
        summary="Every change of what a workspace's mode is derived from: who, when, why; newest first",
        handle=workspace_mode_history,
        answers=(ModeHistoryAnswer,),
        refusals=(*READ_REFUSALS, "workspace_not_found", "wrong_shard"),
        query=QUERY,
    ),
    Route(
        method="GET",
        path="/v1/organizations/{organization_id}/billing-mode/history",
        name="ListOrganizationModeHistory",
        tag="workspaces",
        summary="An organization's default modes, and every change of its workspaces; newest first",
        handle=organization_mode_history,
        answers=(ModeHistoryAnswer,),
        refusals=(*READ_REFUSALS, "organization_not_found", "wrong_shard"),
        query=QUERY,
    ),
)
