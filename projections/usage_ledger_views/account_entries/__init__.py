"""The statement of every account, newest first: ``views.account_entries``."""

from usage_ledger_views.account_entries.apply import APPLIERS, EntryRow
from usage_ledger_views.account_entries.write import write
from usage_ledger_views.view import View

ACCOUNT_ENTRIES: View[list[EntryRow]] = View("account_entries", list, APPLIERS, write)
