"""What moved the billing mode of workspaces, and by whom: ``views.mode_history``."""

from usage_ledger_views.mode_history.apply import APPLIERS, ModeChange
from usage_ledger_views.mode_history.write import write
from usage_ledger_views.view import View

MODE_HISTORY: View[list[ModeChange]] = View("mode_history", list, APPLIERS, write)
