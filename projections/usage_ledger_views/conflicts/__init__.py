"""Usage that came again under a known id and said something else (U3): ``views.conflicts``."""

from usage_ledger_views.conflicts.apply import APPLIERS, ConflictRow
from usage_ledger_views.conflicts.write import write
from usage_ledger_views.view import View

CONFLICTS: View[list[ConflictRow]] = View("conflicts", list, APPLIERS, write)
