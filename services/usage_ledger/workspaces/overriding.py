"""ChangeBillingMode: the workspace's own choice of who pays, set or cleared, effective at once (billing-mode 2, 3).

Setting what is set already is accepted without an event.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.changing import existing, judged_now
from usage_ledger.workspaces.commands import ChangeBillingMode
from usage_ledger.workspaces.events import BillingOverrideCleared, BillingOverrideSet, StoredMode
from usage_ledger.workspaces.mode_changes import ModeChanges
from usage_ledger.workspaces.mode_texts import require_reason, required_override
from usage_ledger.workspaces.resolver.inputs import as_mode, override_input


def change_billing_mode(command: ChangeBillingMode, decision: Decision) -> WorkspaceAnswer:
    """Set or clear the override.

    ``invalid_billing_mode``, ``missing_reason``, ``workspace_not_found``, ``version_conflict``.
    """
    text, reason = required_override(command.mode, command.origin), require_reason(command.reason)
    workspace = existing(command.workspace_id, command.expected_version, decision)
    judged = judged_now(command.workspace_id, workspace, decision)
    before, previous = judged.resolved.resolution(), workspace.override.latest
    if text != previous:
        stream = workspace_stream(decision.tenant, command.workspace_id)
        changes = ModeChanges(stream, judged, before, workspace.current_run, decision)
        event = _event(command.workspace_id, text, previous, reason, decision.recorded_at)
        changes.record(event, override=override_input(text))
        judged = changes.judged
    return answer_now(command.workspace_id, judged, decision, before)


def _event(
    workspace_id: str, text: str | None, previous: str | None, reason: str, now: int
) -> Callable[..., EventPayload]:
    was, mode = _stored(previous), _stored(text)
    if mode is None:
        return partial(
            BillingOverrideCleared,
            workspace_id=workspace_id,
            previous=was or "UNKNOWN",
            effective_from=now,
            reason=reason,
        )
    return partial(
        BillingOverrideSet,
        workspace_id=workspace_id,
        mode=mode,
        previous=was,
        effective_from=now,
        reason=reason,
        unknown_text=text if mode == "UNKNOWN" else None,
    )


def _stored(override: str | None) -> StoredMode | None:
    """Text that is no mode has one symbol; the text itself stands beside it."""
    if override is None:
        return None
    return as_mode(override) if override in MODES else "UNKNOWN"
