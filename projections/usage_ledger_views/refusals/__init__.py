"""Commands that were refused by rule (U2): ``views.refusals``."""

from usage_ledger_views.refusals.apply import APPLIERS, RefusalRow
from usage_ledger_views.refusals.write import write
from usage_ledger_views.view import View

REFUSALS: View[list[RefusalRow]] = View("refusals", list, APPLIERS, write)
