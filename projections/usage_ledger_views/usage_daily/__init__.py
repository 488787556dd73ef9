"""Usage, cost and charge by day and everything they are asked by: ``views.usage_daily``."""

from usage_ledger_views.usage_daily.apply import APPLIERS, DayChanges
from usage_ledger_views.usage_daily.write import write
from usage_ledger_views.view import View

USAGE_DAILY: View[DayChanges] = View("usage_daily", dict, APPLIERS, write)
