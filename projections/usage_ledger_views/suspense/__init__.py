"""Usage that no price was found for, until one arrives (U12): ``views.suspense``."""

from usage_ledger_views.suspense.apply import APPLIERS, SuspenseChanges
from usage_ledger_views.suspense.write import write
from usage_ledger_views.view import View

SUSPENSE: View[SuspenseChanges] = View("suspense", SuspenseChanges, APPLIERS, write)
