"""``GET /v1/accounts/{id}/auto-topup``: how credit is bought by itself, and what became of the latest attempts (L6)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import WAIT_FOR, await_position, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.topups.queries import Attempt, read_auto_topup

QUERY: Final = (WAIT_FOR,)


class TopupAttempt(msgspec.Struct, frozen=True):
    """``trigger``: ``balance`` or ``schedule``. ``state``: ``in_flight``, ``lapsed`` (the next trigger names it again),
    ``failed`` or ``completed``.
    """

    topup_id: str
    amount: str
    trigger: str
    state: str
    triggered_at: str
    lease_until: str
    reason: str | None
    payment_ref: str | None


class AutoTopupView(msgspec.Struct, frozen=True):
    """``attempts`` are the latest, newest first; ``failures`` are those in a row."""

    account_id: str
    currency: str
    threshold: str
    amount: str
    monthly_cap: str | None
    enabled: bool
    schedule: str | None
    failures: int
    attempts: list[TopupAttempt]
    as_of: AsOfAnswer
    incomplete: bool


async def auto_topup(request: Request) -> Response:
    reading = await begin_reading(request, "auto_topup", QUERY)
    account_id = reading.path_id("account_id")
    reading.caller.require_reach(account_id)
    await await_position(reading)
    async with reading.snapshot() as connection:
        found = await read_auto_topup(connection, reading.shard, reading.tenant, account_id)
    if found is None:
        raise Problem("topup_not_found", f"the views know no auto top-up of account {account_id}")
    terms = found.terms
    answer = AutoTopupView(
        account_id=account_id,
        currency=terms.currency,
        threshold=format_amount(terms.threshold),
        amount=format_amount(terms.amount),
        monthly_cap=None if terms.monthly_cap is None else format_amount(terms.monthly_cap),
        enabled=terms.enabled,
        schedule=terms.schedule,
        failures=terms.failures,
        attempts=[_attempt(each) for each in found.attempts],
        as_of=reflected(found.as_of),
        incomplete=found.incomplete,
    )
    return json_response(encode(answer))


def _attempt(attempt: Attempt) -> TopupAttempt:
    return TopupAttempt(
        topup_id=attempt.topup_id,
        amount=format_amount(attempt.amount),
        trigger=attempt.trigger,
        state=attempt.state,
        triggered_at=format_micros(attempt.triggered_at),
        lease_until=format_micros(attempt.lease_until),
        reason=attempt.reason,
        payment_ref=attempt.payment_ref,
    )


ROUTE: Final = Route(
    method="GET",
    path="/v1/accounts/{account_id}/auto-topup",
    name="GetAutoTopup",
    tag="accounts",
    summary="How credit is bought by itself, and the latest top-ups",
    handle=auto_topup,
    answers=(AutoTopupView,),
    refusals=(*READ_REFUSALS, "topup_not_found", "wrong_shard"),
    query=QUERY,
)
