"""Debits and credits by code, for the trial balance: ``views.code_balances``."""

from usage_ledger_views.code_balances.apply import APPLIERS, CodeChanges
from usage_ledger_views.code_balances.write import write
from usage_ledger_views.view import View

CODE_BALANCES: View[CodeChanges] = View("code_balances", dict, APPLIERS, write)
