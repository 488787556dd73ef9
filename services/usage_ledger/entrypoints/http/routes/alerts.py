"""``GET /v1/accounts/{id}/alerts``: budgets at a threshold, credit at its end, top-ups given up (L3-L6)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.accounts.limits.windows import TOTAL
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.account_balances.queries import read_account
from usage_ledger_views.alerts.queries import Alert, list_alerts

QUERY: Final = (WAIT_FOR, *PAGE)


class AlertItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """``kind``: ``budget_threshold_crossed``, ``credits_exhausted`` or ``auto_topup_disabled``, each with its own."""

    kind: str
    raised_at: str
    position: str
    budget_id: str | None = None
    window: str | None = None
    window_start: str | None = None
    window_end: str | None = None
    threshold: int | None = None
    spend: str | None = None
    limit: str | None = None
    balance: str | None = None
    topup_id: str | None = None
    failures: int | None = None
    currency: str | None = None


class AlertsAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page."""

    items: list[AlertItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def alerts(request: Request) -> Response:
    reading = await begin_reading(request, "alerts", QUERY)
    account_id = reading.path_id("account_id")
    reading.caller.require_reach(account_id)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        if await read_account(connection, reading.tenant, account_id) is None:
            raise Problem("account_not_found", f"the views know no account {account_id}")
        page = await list_alerts(connection, reading.shard, reading.tenant, account_id, limit=limit, after=after)
    items = [_item(reading, alert) for alert in page.items]
    return json_response(encode(AlertsAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(reading: Reading, alert: Alert) -> AlertItem:
    has_bounds = alert.window_start is not None and alert.window_kind != "total"
    return AlertItem(
        kind=alert.kind,
        raised_at=format_micros(alert.raised_at),
        position=str(Position(reading.shard, alert.position)),
        budget_id=alert.budget_id,
        window=alert.window_kind,
        window_start=format_micros(alert.window_start or 0) if has_bounds else None,
        window_end=format_micros(alert.window_end or TOTAL.end) if has_bounds else None,
        threshold=alert.threshold,
        spend=_amount(alert.spend),
        limit=_amount(alert.spend_limit),
        balance=_amount(alert.balance),
        topup_id=alert.topup_id,
        failures=alert.failures,
        currency=alert.currency,
    )


def _amount(nano: int | None) -> str | None:
    return None if nano is None else format_amount(nano)


ROUTE: Final = Route(
    method="GET",
    path="/v1/accounts/{account_id}/alerts",
    name="ListAlerts",
    tag="accounts",
    summary="What the account's owner should know, newest first",
    handle=alerts,
    answers=(AlertsAnswer,),
    refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
    query=QUERY,
)
