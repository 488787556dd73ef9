"""``GET /v1/quarantine``: usage that is kept raw, newest first, until it is booked or discarded by name (U5)."""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
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
from usage_ledger.usage.events import Disposition
from usage_ledger_views.quarantine.queries import QuarantinedItem, list_quarantine

_DISPOSITIONS: Final = get_args(Disposition)

QUERY: Final = (
    WORKSPACE,
    Query(
        "disposition",
        "`waiting`: booked when its fact arrives; `rejected`: may be sent again",
        {"type": "string", "enum": list(_DISPOSITIONS)},
    ),
    WAIT_FOR,
    *PAGE,
)


class QuarantineItem(msgspec.Struct, frozen=True):
    """``item`` is what was sent. ``amount_at_risk`` null: it reports no cost."""

    attempt_id: str
    source: str
    disposition: str
    workspace_id: str
    reason: str
    amount_at_risk: str | None
    currency: str | None
    occurred_at: str
    since: str
    age_s: int
    position: str
    item: dict[str, Any]


class QuarantineAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[QuarantineItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def quarantined(request: Request) -> Response:
    reading = await begin_reading(request, "quarantine", QUERY)
    workspace_id, disposition = workspace_reach_of(reading), _disposition(reading)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_quarantine(
            connection,
            reading.shard,
            reading.tenant,
            workspace_id=workspace_id,
            disposition=disposition,
            limit=limit,
            after=after,
        )
    items = [_item(reading, item) for item in page.items]
    return json_response(encode(QuarantineAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _disposition(reading: Reading) -> str | None:
    asked = reading.query("disposition")
    if asked is not None and asked not in _DISPOSITIONS:
        raise InvalidRequest("invalid_value", f"disposition: expected one of {', '.join(_DISPOSITIONS)}")
    return asked


def _item(reading: Reading, kept: QuarantinedItem) -> QuarantineItem:
    return QuarantineItem(
        attempt_id=kept.attempt_id,
        source=kept.source,
        disposition=kept.disposition,
        workspace_id=kept.workspace_id,
        reason=kept.reason,
        amount_at_risk=amount_or_none(kept.amount_at_risk),
        currency=kept.currency,
        occurred_at=format_micros(kept.occurred_at),
        since=format_micros(kept.since),
        age_s=age_s(reading, kept.since),
        position=str(Position(reading.shard, kept.position)),
        item=msgspec.json.decode(kept.raw),
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/quarantine",
    name="ListQuarantine",
    tag="quarantine",
    summary="Usage that is kept raw until it is booked or discarded, newest first",
    handle=quarantined,
    answers=(QuarantineAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
