"""Usage, cost and charge by hour and everything they are asked by: ``views.usage_summary``."""

from usage_ledger_views.usage_summary.apply import APPLIERS, UsageChanges
from usage_ledger_views.usage_summary.write import write
from usage_ledger_views.view import View

USAGE_SUMMARY: View[UsageChanges] = View("usage_summary", dict, APPLIERS, write)
