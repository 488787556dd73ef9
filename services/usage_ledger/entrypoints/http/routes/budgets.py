"""``GET /v1/accounts/{id}/budgets``: each budget with its window now, what is spent, held and left (L1)."""

from __future__ import annotations

from typing import Final, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.accounts.limits.answers import Scope, scope_answer
from usage_ledger.accounts.limits.windows import TOTAL, Window, WindowKind, window_of
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Route
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger.money import format_amount
from usage_ledger_views.account_balances.queries import read_account
from usage_ledger_views.budgets.queries import BudgetSpent, list_budgets

QUERY: Final = (WAIT_FOR, *PAGE)


class BudgetItem(msgspec.Struct, frozen=True):
    """``left`` is what is neither spent nor held, below zero when more was; the window of ``total`` has no bounds.

    ``held`` is what its open holds reserve; null for the budget of a workspace, key or team, whose holds admission
    counts and this list does not tell apart. Usage recorded before ``counted_from`` is not counted. ``crossed`` are
    the thresholds that the spend is at or above.
    """

    budget_id: str
    scope: Scope
    window: str
    zone: str
    window_start: str | None
    window_end: str | None
    limit: str
    spend: str
    held: str | None
    left: str
    enforcement: str
    thresholds: list[int]
    crossed: list[int]
    currency: str
    counted_from: str


class BudgetsAnswer(msgspec.Struct, frozen=True):
    """By their ids; ``next`` is null on the last page."""

    items: list[BudgetItem]
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


async def budgets(request: Request) -> Response:
    reading = await begin_reading(request, "budgets", QUERY)
    account_id = reading.path_id("account_id")
    reading.caller.require_reach(account_id)
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    now = reading.door.clock.now()
    async with reading.snapshot() as connection:
        if await read_account(connection, reading.tenant, account_id) is None:
            raise Problem("account_not_found", f"the views know no account {account_id}")
        page = await list_budgets(
            connection, reading.shard, reading.tenant, account_id, at=now, limit=limit, after=after
        )
    items = [_item(budget, now) for budget in page.items]
    return json_response(encode(BudgetsAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


def _item(budget: BudgetSpent, now: int) -> BudgetItem:
    start, end = _bounds(window_of(cast("WindowKind", budget.window_kind), budget.zone, now))
    return BudgetItem(
        budget_id=budget.budget_id,
        scope=scope_answer(budget.scope, budget.scope_value),
        window=budget.window_kind,
        zone=budget.zone,
        window_start=start,
        window_end=end,
        limit=format_amount(budget.spend_limit),
        spend=format_amount(budget.spend),
        held=None if budget.held is None else format_amount(budget.held),
        left=format_amount(budget.spend_limit - budget.spend - (budget.held or 0)),
        enforcement=budget.enforcement,
        thresholds=budget.thresholds,
        crossed=[each for each in budget.thresholds if budget.spend * 100 >= budget.spend_limit * each],
        currency=budget.currency,
        counted_from=format_micros(budget.counted_from),
    )


def _bounds(window: Window) -> tuple[str | None, str | None]:
    return (None, None) if window == TOTAL else (format_micros(window.start), format_micros(window.end))


ROUTE: Final = Route(
    method="GET",
    path="/v1/accounts/{account_id}/budgets",
    name="ListBudgets",
    tag="accounts",
    summary="Budgets of an account, and what is left of them",
    handle=budgets,
    answers=(BudgetsAnswer,),
    refusals=(*READ_REFUSALS, "account_not_found", "wrong_shard"),
    query=QUERY,
)
