"""``GET /v1/conflicts``: usage that came again under a known id and said something else, newest first (U3)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_answers import amount_or_none
from usage_ledger.entrypoints.http.view_reading import (
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    age_s,
    await_position,
    limit_of,
    reflected,
    workspace_reach_of,
)
from usage_ledger_views.conflicts.queries import Conflict, list_conflicts

QUERY: Final = (WORKSPACE, WAIT_FOR, *PAGE)


class ConflictItem(msgspec.Struct, frozen=True):
    """A later item that was not taken; or, a ``suspected_duplicate``, one of another id's response, which was charged.

    The digests tell the two contents apart, in hexadecimal; of a suspected duplicate the first is the attempt key
    (BLAKE2b of tenant, source and id) that named the response before. ``raw`` is the first 4 KB of the later item.
    """

    attempt_id: str
    source: str
    workspace_id: str
    reason: str
    first_content: str
    second_content: str
    amount_at_risk: str | None
    currency: str | None
    since: str
    age_s: int
    position: str
    raw: str


class ConflictsAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[ConflictItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def conflicts(request: Request) -> Response:
    reading = await begin_reading(request, "conflicts", QUERY)
    workspace_id, limit, after = workspace_reach_of(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_conflicts(
            connection, reading.shard, reading.tenant, workspace_id=workspace_id, limit=limit, after=after
        )
    items = [_item(reading, conflict) for conflict in page.items]
    return json_response(encode(ConflictsAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, conflict: Conflict) -> ConflictItem:
    return ConflictItem(
        attempt_id=conflict.attempt_id,
        source=conflict.source,
        workspace_id=conflict.workspace_id,
        reason=conflict.kind,
        first_content=conflict.first_content.hex(),
        second_content=conflict.second_content.hex(),
        amount_at_risk=amount_or_none(conflict.amount_at_risk),
        currency=conflict.currency,
        since=format_micros(conflict.noted_at),
        age_s=age_s(reading, conflict.noted_at),
        position=str(Position(reading.shard, conflict.position)),
        # The cut may go through a character.
        raw=conflict.raw.decode(errors="replace"),
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/conflicts",
    name="ListConflicts",
    tag="usage",
    summary="Usage that contradicts what was taken first under its id, newest first",
    handle=conflicts,
    answers=(ConflictsAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
