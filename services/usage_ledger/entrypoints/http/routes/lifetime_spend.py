"""``GET /v1/accounts/{id}/lifetime-spend``: usage net of corrections, and fees; no refunds, disputes or expiry."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import WAIT_FOR, await_position, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.lifetime_spend.queries import read_lifetime_spend

QUERY: Final = (WAIT_FOR,)


class LifetimeSpendAnswer(msgspec.Struct, frozen=True):
    """``amount`` is ``usage`` and ``fees`` together."""

    account_id: str
    currency: str
    amount: str
    usage: str
    fees: str
    as_of: AsOfAnswer
    incomplete: bool


async def lifetime_spend(request: Request) -> Response:
    reading = await begin_reading(request, "lifetime_spend", QUERY)
    account_id = reading.path_id("account_id")
    reading.caller.require_reach(account_id)
    await await_position(reading)
    async with reading.snapshot() as connection:
        spent = await read_lifetime_spend(connection, reading.shard, reading.tenant, account_id)
    if spent is None:
        raise Problem("account_not_found", f"the views know no account {account_id}")
    return json_response(
        encode(
            LifetimeSpendAnswer(
                account_id=account_id,
                currency=spent.currency,
                amount=format_amount(spent.usage + spent.fees),
                usage=format_amount(spent.usage),
                fees=format_amount(spent.fees),
                as_of=reflected(spent.as_of),
                incomplete=spent.incomplete,
            )
        )
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/accounts/{account_id}/lifetime-spend",
    name="GetLifetimeSpend",
    tag="accounts",
    summary="What an account ever spent on usage and fees",
    handle=lifetime_spend,
    answers=(LifetimeSpendAnswer,),
    refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
    query=QUERY,
)
