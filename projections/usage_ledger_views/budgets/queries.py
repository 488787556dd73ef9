"""Budgets of an account, and what was spent in the windows around an instant. Nano-units, microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import account_incomplete, as_of
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

# A page of an account's budgets, each with what was counted in its window around the instant, if anything was, and with
# what open holds reserve; of those the list knows the user, but not the key or team.
_BUDGETS = """
    SELECT budget.budget_id, budget.scope, budget.scope_value, budget.window_kind, budget.zone, budget.spend_limit,
           budget.enforcement, budget.thresholds, budget.currency, budget.counted_from,
           coalesce(counted.spend, 0) AS spend,
           CASE WHEN budget.scope IN ('account', 'user') THEN
                (SELECT coalesce(sum(hold.held), 0)::bigint FROM views.holds AS hold
                  WHERE hold.tenant = budget.tenant AND hold.account_id = budget.account_id AND hold.state = 'open'
                    AND (budget.scope = 'account' OR hold.user_id = budget.scope_value)) END AS held
      FROM views.budgets AS budget
      LEFT JOIN views.budget_windows AS counted
        ON counted.tenant = budget.tenant AND counted.account_id = budget.account_id
       AND counted.budget_id = budget.budget_id
       AND counted.window_start <= %(at)s AND counted.window_end > %(at)s
     WHERE budget.tenant = %(tenant)s AND budget.account_id = %(account_id)s AND budget.budget_id > %(after)s
     ORDER BY budget.budget_id LIMIT %(rows)s
"""


class BudgetSpent(msgspec.Struct, frozen=True):
    """A budget, what was spent in its window around the instant that was asked for, and what is held by now.

    ``held`` is None for the budget of a workspace, key or team.
    """

    budget_id: str
    scope: str
    scope_value: str | None
    window_kind: str
    zone: str
    spend_limit: int
    enforcement: str
    thresholds: list[int]
    currency: str
    counted_from: int
    spend: int
    held: int | None


async def list_budgets(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    account_id: str,
    *,
    at: int,
    limit: int | None = None,
    after: str | None = None,
) -> Page[BudgetSpent]:
    """A page of an account's budgets, by their ids. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    last = key_of(after, str) if after else ""
    values = {"tenant": tenant, "account_id": account_id, "at": at, "after": last, "rows": size + 1}
    async with connection.cursor(binary=True, row_factory=class_row(BudgetSpent)) as cursor:
        await cursor.execute(_BUDGETS, values)
        budgets, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(budgets),
        next=cursor_after(budgets[-1].budget_id) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )
