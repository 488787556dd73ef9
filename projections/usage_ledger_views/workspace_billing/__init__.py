"""Mode, payer, model and runtime of every workspace: ``views.workspace_billing``."""

from usage_ledger_views.view import View
from usage_ledger_views.workspace_billing.apply import APPLIERS, WorkspaceChanges
from usage_ledger_views.workspace_billing.write import write

WORKSPACE_BILLING: View[WorkspaceChanges] = View("workspace_billing", dict, APPLIERS, write)
