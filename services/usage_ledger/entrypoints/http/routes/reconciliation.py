"""``GET /v1/reconciliation``: figures of accounts that do not follow from their journal lines; there must be none."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
from usage_ledger.entrypoints.http.view_reading import (
    PAGE,
    WAIT_FOR,
    account_reach_of,
    await_position,
    limit_of,
    reflected,
)
from usage_ledger.money import format_amount
from usage_ledger_views.reconciliation.queries import Difference, list_differences

QUERY: Final = (Query("account_id", "only this account"), WAIT_FOR, *PAGE)


class ReconciliationItem(msgspec.Struct, frozen=True):
    """``lines``: what the journal adds up to. ``stored``: what the views hold. ``difference``: stored minus lines."""

    account_id: str
    figure: str
    lines: str
    stored: str
    difference: str
    currency: str


class ReconciliationAnswer(msgspec.Struct, frozen=True):
    """``reconciled``: there is no difference. By account and figure; ``next`` is null on the last page."""

    reconciled: bool
    items: list[ReconciliationItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def reconciliation(request: Request) -> Response:
    reading = await begin_reading(request, "reconciliation", QUERY)
    account_id, limit, after = account_reach_of(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_differences(
            connection, reading.shard, reading.tenant, account_id=account_id, limit=limit, after=after
        )
    items = [_item(difference) for difference in page.items]
    answer = ReconciliationAnswer(not items, items, page.next, reflected(page.as_of), page.incomplete)
    return json_response(encode(answer))


def _item(found: Difference) -> ReconciliationItem:
    return ReconciliationItem(
        account_id=found.account_id,
        figure=found.figure,
        lines=format_amount(found.lines),
        stored=format_amount(found.stored),
        difference=format_amount(found.stored - found.lines),
        currency=found.currency,
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/reconciliation",
    name="GetReconciliation",
    tag="accounts",
    summary="Figures of accounts that do not follow from their journal lines; there must be none",
    handle=reconciliation,
    answers=(ReconciliationAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
