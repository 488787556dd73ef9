"""Usage whose payment contradicts its decision, and usage that was refused: ``views.charge_mismatches``."""

from usage_ledger_views.charge_mismatches.apply import APPLIERS, MismatchChanges
from usage_ledger_views.charge_mismatches.write import write
from usage_ledger_views.view import View

CHARGE_MISMATCHES: View[MismatchChanges] = View("charge_mismatches", MismatchChanges, APPLIERS, write)
