"""Credit that is reserved for calls, and what became of it: ``views.holds``, ``views.hold_totals``."""

from usage_ledger_views.holds.apply import APPLIERS, HoldChanges
from usage_ledger_views.holds.write import write
from usage_ledger_views.view import View

HOLDS: View[HoldChanges] = View("holds", HoldChanges, APPLIERS, write)
