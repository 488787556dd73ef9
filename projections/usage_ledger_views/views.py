"""Every view, in the order in which a transaction writes them."""

from __future__ import annotations

from typing import Any

from usage_ledger_views.account_balances import ACCOUNT_BALANCES
from usage_ledger_views.account_entries import ACCOUNT_ENTRIES
from usage_ledger_views.alerts import ALERTS
from usage_ledger_views.budgets import BUDGETS
from usage_ledger_views.charge_mismatches import CHARGE_MISMATCHES
from usage_ledger_views.code_balances import CODE_BALANCES
from usage_ledger_views.conflicts import CONFLICTS
from usage_ledger_views.decisions import DECISIONS
from usage_ledger_views.holds import HOLDS
from usage_ledger_views.mode_history import MODE_HISTORY
from usage_ledger_views.quarantine import QUARANTINE
from usage_ledger_views.refusals import REFUSALS
from usage_ledger_views.rejected_key_writes import REJECTED_KEY_WRITES
from usage_ledger_views.suspense import SUSPENSE
from usage_ledger_views.topups import TOPUPS
from usage_ledger_views.usage_summary import USAGE_SUMMARY
from usage_ledger_views.view import View
from usage_ledger_views.workspace_billing import WORKSPACE_BILLING

VIEWS: tuple[View[Any], ...] = (
    ACCOUNT_BALANCES,
    ACCOUNT_ENTRIES,
    CODE_BALANCES,
    WORKSPACE_BILLING,
    # After the workspaces' rows, where it looks their organizations up.
    MODE_HISTORY,
    DECISIONS,
    REJECTED_KEY_WRITES,
    USAGE_SUMMARY,
    SUSPENSE,
    # Before quarantine, where it looks up what an item was that is refused now.
    CHARGE_MISMATCHES,
    QUARANTINE,
    CONFLICTS,
    REFUSALS,
    BUDGETS,
    ALERTS,
    TOPUPS,
    HOLDS,
)
