"""``GET /v1/refusals``: commands that were refused by rule, newest first, with what the rule saw (U2)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, age_s, await_position, limit_of, reflected
from usage_ledger_views.refusals.queries import RefusedCommand, list_refusals

QUERY: Final = (Query("code", "only refusals with this code"), WAIT_FOR, *PAGE)


class RefusalActor(msgspec.Struct, frozen=True):
    """Who asked; an opaque id."""

    kind: str
    id: str


class RefusalItem(msgspec.Struct, frozen=True):
    """``GET /v1/commands/{source}/{command_id}`` has the command's whole outcome."""

    source: str
    command_id: str
    command: str
    code: str
    detail: str
    facts: dict[str, str]
    actor: RefusalActor
    since: str
    age_s: int
    position: str


class RefusalsAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[RefusalItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def refusals(request: Request) -> Response:
    """Of the whole tenant: a refused command belongs to no account or workspace that a key could be restricted to."""
    reading = await begin_reading(request, "refusals", QUERY)
    reading.caller.require_reach()
    code, limit, after = reading.query("code"), limit_of(reading), reading.query("after")
    asked = None if code is None else valid_id(code, "code")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_refusals(connection, reading.shard, reading.tenant, code=asked, limit=limit, after=after)
    items = [_item(reading, refused) for refused in page.items]
    return json_response(encode(RefusalsAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, refused: RefusedCommand) -> RefusalItem:
    return RefusalItem(
        source=refused.source,
        command_id=refused.command_id,
        command=refused.command_type,
        code=refused.code,
        detail=refused.detail,
        facts=refused.facts,
        actor=RefusalActor(refused.actor_kind, refused.actor_id),
        since=format_micros(refused.refused_at),
        age_s=age_s(reading, refused.refused_at),
        position=str(Position(reading.shard, refused.position)),
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/refusals",
    name="ListRefusals",
    tag="commands",
    summary="Commands that were refused, and what the rule saw, newest first",
    handle=refusals,
    answers=(RefusalsAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
