"""``GET /v1/member-usage``: what each member's usage was charged, by user, the unattributed last (U14)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.usage_filter import FILTER, chosen_usage
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.member_usage.queries import MemberUsage, list_member_usage

QUERY: Final = (*FILTER, WAIT_FOR, *PAGE)


class MemberUsageItem(msgspec.Struct, frozen=True):
    """``user`` null: usage that is attributed to nobody. A user has an item for each currency."""

    user: str | None
    lines: int
    charged: str
    currency: str | None


class MemberUsageAnswer(msgspec.Struct, frozen=True):
    """By user; ``next`` is null on the last page. Usage alone: no fees, refunds or expiry."""

    items: list[MemberUsageItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def member_usage(request: Request) -> Response:
    reading = await begin_reading(request, "member_usage", QUERY)
    chosen, limit, after = chosen_usage(reading), limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_member_usage(
            connection, reading.shard, reading.tenant, chosen=chosen, limit=limit, after=after
        )
    items = [_item(member) for member in page.items]
    return json_response(encode(MemberUsageAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(member: MemberUsage) -> MemberUsageItem:
    return MemberUsageItem(
        user=member.user_id or None,
        lines=member.lines,
        charged=format_amount(member.charged),
        currency=member.currency or None,
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/member-usage",
    name="ListMemberUsage",
    tag="usage",
    summary="What each member's usage was charged, by user",
    handle=member_usage,
    answers=(MemberUsageAnswer,),
    refusals=(*READ_REFUSALS, "wrong_shard"),
    query=QUERY,
)
