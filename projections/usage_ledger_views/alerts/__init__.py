"""What an account's owner should know (L3, L4, L6): ``views.alerts``."""

from usage_ledger_views.alerts.apply import APPLIERS, AlertRow
from usage_ledger_views.alerts.write import write
from usage_ledger_views.view import View

ALERTS: View[list[AlertRow]] = View("alerts", list, APPLIERS, write)
"""Every crossing, every exhaustion and every top-up that was given up is one row, for good."""
