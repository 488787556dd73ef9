"""``GET /v1/suspense``: usage that no price was found for, newest first, until one arrives (U12)."""

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
    ACCOUNT,
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    age_s,
    await_position,
    limit_of,
    reach_of,
    reflected,
)
from usage_ledger_views.suspense.queries import SuspendedLine, list_suspense

QUERY: Final = (ACCOUNT, WORKSPACE, WAIT_FOR, *PAGE)


class SuspenseItem(msgspec.Struct, frozen=True):
    """A charge line without a price. ``amount_at_risk`` null: nobody said what the call cost."""

    attempt_id: str
    source: str
    account_id: str
    workspace_id: str
    provider: str | None
    model: str
    reason: str
    amount_at_risk: str | None
    currency: str | None
    occurred_at: str
    since: str
    age_s: int
    position: str


class SuspenseAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[SuspenseItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def suspense(request: Request) -> Response:
    reading = await begin_reading(request, "suspense", QUERY)
    reach, limit, after = reach_of(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_suspense(
            connection, reading.shard, reading.tenant, **reach._asdict(), limit=limit, after=after
        )
    items = [_item(reading, line) for line in page.items]
    return json_response(encode(SuspenseAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, line: SuspendedLine) -> SuspenseItem:
    return SuspenseItem(
        attempt_id=line.attempt_id,
        source=line.source,
        account_id=line.account_id,
        workspace_id=line.workspace_id,
        provider=line.provider,
        model=line.model,
        reason=line.reason,
        amount_at_risk=amount_or_none(line.amount_at_risk),
        currency=line.currency,
        occurred_at=format_micros(line.occurred_at),
        since=format_micros(line.since),
        age_s=age_s(reading, line.since),
        position=str(Position(reading.shard, line.position)),
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/suspense",
    name="ListSuspense",
    tag="usage",
    summary="Usage that waits for a price, newest first",
    handle=suspense,
    answers=(SuspenseAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
