"""ChangeBillingMode: the workspace's own choice of who pays, set or cleared, effective at once (billing-mode 2, 3).

Setting what is set already is accepted without an event.
"""

from __future__ import annotations

from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.billing_mode import MODES, BillingMode
from usage_ledger.workspaces.changing import existing, judged_now
from usage_ledger.workspaces.commands import ChangeBillingMode
from usage_ledger.workspaces.events import BillingOverrideCleared, BillingOverrideSet, StoredMode
from usage_ledger.workspaces.resolver.inputs import as_mode, override_input


def change_billing_mode(command: ChangeBillingMode, decision: Decision) -> WorkspaceAnswer:
    """Set or clear the override.

    ``invalid_billing_mode``, ``missing_reason``, ``workspace_not_found``, ``version_conflict``.
    """
    mode = _mode(command)
    reason = command.reason.strip()
    if not reason:
        raise Refusal("missing_reason", "a change of who pays needs a reason")
    workspace = existing(command.workspace_id, command.expected_version, decision)
    judged = judged_now(command.workspace_id, workspace, decision)
    before, previous = judged.resolved.resolution(), workspace.override.latest
    if mode != previous:
        after = judged.changed(override=override_input(mode)).reported(workspace.current_run)
        stream, now = workspace_stream(decision.tenant, command.workspace_id), decision.recorded_at
        told = (now, reason, before, after.resolution)
        was = _stored(previous)
        if mode is not None:
            decision.record(
                stream,
                BillingOverrideSet(command.workspace_id, mode, was, *told, None, after.states, after.faults),
            )
        elif was is not None:
            decision.record(
                stream, BillingOverrideCleared(command.workspace_id, was, *told, after.states, after.faults)
            )
    return answer_now(command.workspace_id, decision, before)


def _mode(command: ChangeBillingMode) -> BillingMode | None:
    if command.mode is None:
        return None
    text = command.mode.strip() if isinstance(command.mode, str) else ""
    if text not in MODES:
        raise Refusal("invalid_billing_mode", f"the mode is one of {', '.join(MODES)}, or null to clear it")
    return text


def _stored(override: str | None) -> StoredMode | None:
    if override is None:
        return None
    return as_mode(override) if override in MODES else "UNKNOWN"
