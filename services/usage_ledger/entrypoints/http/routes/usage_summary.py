"""``GET /v1/usage/summary``: totals of usage by what it is asked by, from the views."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.usage_filter import FILTER, chosen_usage
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.usage_summary.queries import GROUPS, UsageTotals, summarize_usage

QUERY: Final = (
    Query("group_by", f"names with commas between them: {', '.join(GROUPS)}"),
    *FILTER,
    WAIT_FOR,
    *PAGE,
)


class SummaryAnswer(msgspec.Struct, frozen=True):
    """Each item has the keys it was grouped by, then ``requests``, counts by bucket, and amounts in ``currency``."""

    items: list[dict[str, Any]]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def usage_summary(request: Request) -> Response:
    reading = await begin_reading(request, "usage_summary", QUERY)
    chosen, group_by = chosen_usage(reading), _group_by(reading)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await summarize_usage(
            connection, reading.shard, reading.tenant, group_by=group_by, chosen=chosen, limit=limit, after=after
        )
    items = [_item(totals) for totals in page.items]
    return json_response(encode(SummaryAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _group_by(reading: Reading) -> list[str]:
    """Which names there are, the view judges."""
    asked = reading.query("group_by")
    return [name.strip() for name in asked.split(",")] if asked else []


def _item(totals: UsageTotals) -> dict[str, Any]:
    return {
        **totals.group,
        "currency": totals.currency or None,
        "requests": totals.requests,
        **totals.quantities,
        "charged": format_amount(totals.charged),
        "provider_cost": format_amount(totals.provider_cost),
        "byok_requests": totals.byok_requests,
        "byok_provider_cost": format_amount(totals.byok_provider_cost),
        "unpriced": totals.unpriced,
    }
