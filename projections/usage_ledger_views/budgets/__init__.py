"""Budgets and what was spent of them (L1): ``views.budgets`` and ``views.budget_windows``."""

from usage_ledger_views.budgets.apply import APPLIERS, BudgetChanges
from usage_ledger_views.budgets.write import write
from usage_ledger_views.view import View

BUDGETS = View("budgets", BudgetChanges, APPLIERS, write)
"""Spend is as the events say it, window by window; a budget that counts something else begins with none."""
