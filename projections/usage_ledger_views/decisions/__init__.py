"""What runs were decided to be, or why they could not start: ``views.decisions``."""

from usage_ledger_views.decisions.apply import APPLIERS, ProvisionRow
from usage_ledger_views.decisions.write import write
from usage_ledger_views.view import View

DECISIONS: View[list[ProvisionRow]] = View("decisions", list, APPLIERS, write)
