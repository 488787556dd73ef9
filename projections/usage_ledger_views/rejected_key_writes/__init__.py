"""Credential names that the guard of vendor keys refused: ``views.rejected_key_writes``."""

from usage_ledger_views.rejected_key_writes.apply import APPLIERS, RejectedKeyRow
from usage_ledger_views.rejected_key_writes.write import write
from usage_ledger_views.view import View

REJECTED_KEY_WRITES: View[list[RejectedKeyRow]] = View("rejected_key_writes", list, APPLIERS, write)
