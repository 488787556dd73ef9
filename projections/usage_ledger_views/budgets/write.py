"""Writes which budgets hold, and what was spent of them."""

from __future__ import annotations

from typing import Any, Final

from psycopg import Cursor

from usage_ledger_views.budgets.apply import BudgetChanges
from usage_ledger_views.columns import columns

# Windows of budgets that begin anew, or are no more.
_FORGET: Final = """
    DELETE FROM views.budget_windows AS counted
     USING unnest(%b::text[], %b::text[], %b::text[]) AS begun (tenant, account_id, budget_id)
     WHERE counted.tenant = begun.tenant AND counted.account_id = begun.account_id
       AND counted.budget_id = begun.budget_id
"""

_REMOVE: Final = """
    DELETE FROM views.budgets AS budget
     USING unnest(%b::text[], %b::text[], %b::text[]) AS gone (tenant, account_id, budget_id)
     WHERE budget.tenant = gone.tenant AND budget.account_id = gone.account_id AND budget.budget_id = gone.budget_id
"""

# One statement a budget: they are few, and arrays of arrays are not for `unnest`.
_SET: Final = """
    INSERT INTO views.budgets
           (tenant, account_id, budget_id, scope, scope_value, window_kind, zone, spend_limit, enforcement, thresholds,
            currency, counted_from, position)
    VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b, %b::int[], %b, %b, %b)
    ON CONFLICT (tenant, account_id, budget_id) DO UPDATE
       SET scope = excluded.scope, scope_value = excluded.scope_value, window_kind = excluded.window_kind,
           zone = excluded.zone, spend_limit = excluded.spend_limit, enforcement = excluded.enforcement,
           thresholds = excluded.thresholds, currency = excluded.currency, counted_from = excluded.counted_from,
           position = excluded.position
"""

# What was spent of each window, as the latest event says it.
_COUNT: Final = """
    INSERT INTO views.budget_windows (tenant, account_id, budget_id, window_start, window_end, spend, position)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
    ON CONFLICT (tenant, account_id, budget_id, window_start) DO UPDATE
       SET spend = excluded.spend, position = excluded.position
"""


def write(cursor: Cursor[Any], changes: BudgetChanges) -> None:
    """Raises psycopg.Error."""
    if changes.begun:
        cursor.execute(_FORGET, columns(sorted(changes.begun)))
    if gone := sorted(key for key, row in changes.budgets.items() if row is None):
        cursor.execute(_REMOVE, columns(gone))
    for key, row in sorted(changes.budgets.items(), key=lambda each: each[0]):
        if row is not None:
            cursor.execute(_SET, (*key, *row))
    if changes.windows:
        cursor.execute(_COUNT, columns((*key, *row) for key, row in sorted(changes.windows.items())))
