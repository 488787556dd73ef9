"""What follows from usage and corrections: thresholds of budgets that the spend has reached (L3)."""

from __future__ import annotations

from collections.abc import Iterator

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.limits.events import BudgetThresholdCrossed


def budget_thresholds_crossed(account: Account, _balance_before: int, _now: int) -> Iterator[BudgetThresholdCrossed]:
    """Once a budget, window and threshold: by budget id, then threshold (L5)."""
    budgets = account.limits.budgets
    for budget_id in sorted(budgets) if budgets else ():
        budget = budgets[budget_id]
        for start, state, threshold in list(budget.crossings()):
            yield BudgetThresholdCrossed(
                account_id=account.account_id,
                currency=account.currency,
                budget_id=budget_id,
                window=budget.window,
                window_start=start,
                window_end=state.end,
                threshold=threshold,
                spend=state.spend,
                limit=budget.limit,
            )
