"""Balance, debt and lots of every account: ``views.account_balances`` and ``views.account_lots``."""

from usage_ledger_views.account_balances.apply import APPLIERS, BalanceChanges
from usage_ledger_views.account_balances.write import write
from usage_ledger_views.view import View

ACCOUNT_BALANCES = View("account_balances", BalanceChanges, APPLIERS, write)
