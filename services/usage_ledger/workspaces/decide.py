"""What a workspace decides. Setting what is set already is accepted without an event."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal, VersionConflict
from usage_ledger.streams import account_stream, payer_stream, workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_at, resolution_at
from usage_ledger.workspaces.billing_mode import MODES, BillingMode, Resolution
from usage_ledger.workspaces.commands import ChangeBillingMode, ClearModel, RegisterWorkspace, SelectModel
from usage_ledger.workspaces.events import (
    BillingOverrideCleared,
    BillingOverrideSet,
    ModelCleared,
    ModelOrigin,
    ModelSelected,
    PayerPinned,
    WorkspaceRegistered,
)
from usage_ledger.workspaces.live_mode import resolve
from usage_ledger.workspaces.workspace import Workspace


def register_workspace(command: RegisterWorkspace, decision: Decision) -> WorkspaceAnswer:
    """Begin a workspace (billing-mode 7): ``workspace_exists``, ``account_not_found``.

    While no registry is in force the checks of runtime and model are skipped.
    """
    stream = workspace_stream(decision.tenant, command.workspace_id)
    if decision.get(Workspace, stream).version:
        raise Refusal("workspace_exists", f"workspace {command.workspace_id} is registered already")
    if command.account_id is not None:
        _require_account(command.account_id, decision)
    runtime, model = _name(command.runtime), _name(command.model)
    deployment = decision.facts.deployment
    after = resolve(None, deployment.wired.at(decision.recorded_at))
    decision.record(
        stream,
        WorkspaceRegistered(
            command.workspace_id, command.kind or "workspace", runtime, deployment.name, before=None, after=after
        ),
    )
    if model is not None:
        decision.record(stream, ModelSelected(command.workspace_id, model, "user", None, before=after, after=after))
    if command.account_id is not None:
        pin = PayerPinned(command.workspace_id, command.account_id, previous=None)
        decision.record(payer_stream(decision.tenant, command.workspace_id), pin)
    return _answer(command.workspace_id, decision, before=None)


def select_model(command: SelectModel, decision: Decision) -> WorkspaceAnswer:
    """Set the model (billing-mode 7): ``workspace_not_found``, ``version_conflict``, ``model_already_selected``.

    A seed acts only where no model is.
    """
    workspace = _workspace(command.workspace_id, command.expected_version, decision)
    model = command.model.strip()
    origin: ModelOrigin = command.origin or "user"
    if origin == "seed" and workspace.model is not None:
        raise Refusal("model_already_selected", "a seed acts only where no model is", {"model": workspace.model})
    before = _resolution(workspace, decision)
    if model != workspace.model:
        decision.record(
            workspace_stream(decision.tenant, command.workspace_id),
            ModelSelected(command.workspace_id, model, origin, workspace.model, before=before, after=before),
        )
    return _answer(command.workspace_id, decision, before)


def clear_model(command: ClearModel, decision: Decision) -> WorkspaceAnswer:
    """Leave the workspace without a model: ``workspace_not_found``, ``version_conflict``."""
    workspace = _workspace(command.workspace_id, command.expected_version, decision)
    before = _resolution(workspace, decision)
    if workspace.model is not None:
        decision.record(
            workspace_stream(decision.tenant, command.workspace_id),
            ModelCleared(command.workspace_id, workspace.model, before=before, after=before),
        )
    return _answer(command.workspace_id, decision, before)


def change_billing_mode(command: ChangeBillingMode, decision: Decision) -> WorkspaceAnswer:
    """Set or clear the override (billing-mode 2, 3), effective at once.

    ``invalid_billing_mode``, ``missing_reason``, ``workspace_not_found``, ``version_conflict``.
    """
    mode = _mode(command)
    reason = command.reason.strip()
    if not reason:
        raise Refusal("missing_reason", "a change of who pays needs a reason")
    workspace = _workspace(command.workspace_id, command.expected_version, decision)
    before = _resolution(workspace, decision)
    previous = workspace.override.latest
    if mode != previous:
        _record_override(command.workspace_id, mode, previous, reason, before, decision)
    return _answer(command.workspace_id, decision, before)


def _record_override(
    workspace_id: str,
    mode: BillingMode | None,
    previous: BillingMode | None,
    reason: str,
    before: Resolution,
    decision: Decision,
) -> None:
    now = decision.recorded_at
    after = resolve(mode, decision.facts.deployment.wired.at(now))
    stream = workspace_stream(decision.tenant, workspace_id)
    if mode is not None:
        decision.record(stream, BillingOverrideSet(workspace_id, mode, previous, now, reason, before, after))
    elif previous is not None:
        decision.record(stream, BillingOverrideCleared(workspace_id, previous, now, reason, before, after))


def _mode(command: ChangeBillingMode) -> BillingMode | None:
    if command.mode is None:
        return None
    text = command.mode.strip() if isinstance(command.mode, str) else ""
    if text not in MODES:
        raise Refusal("invalid_billing_mode", f"the mode is one of {', '.join(MODES)}, or null to clear it")
    return text


def _workspace(workspace_id: str, expected_version: int | None, decision: Decision) -> Workspace:
    workspace = decision.get(Workspace, workspace_stream(decision.tenant, workspace_id))
    if not workspace.version:
        raise Refusal("workspace_not_found", f"workspace {workspace_id} is not registered")
    if expected_version is not None and expected_version != workspace.version:
        raise VersionConflict(expected_version, workspace.version)
    return workspace


def _require_account(account_id: str, decision: Decision) -> None:
    if not decision.get(Account, account_stream(decision.tenant, account_id)).version:
        raise Refusal("account_not_found", f"account {account_id} does not exist")


def _name(text: str | None) -> str | None:
    """The trimmed text; blank is absent, as the resolver reads it (billing-mode 3)."""
    return (text or "").strip() or None


def _resolution(workspace: Workspace, decision: Decision) -> Resolution:
    return resolution_at(workspace, decision.facts.deployment, decision.recorded_at)


def _answer(workspace_id: str, decision: Decision, before: Resolution | None) -> WorkspaceAnswer:
    workspace = decision.get(Workspace, workspace_stream(decision.tenant, workspace_id))
    return answer_at(workspace_id, workspace, decision.facts.deployment, decision.recorded_at, before)
