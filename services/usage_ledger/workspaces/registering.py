"""RegisterWorkspace: a workspace begins, with its model and its first payer; all or nothing (billing-mode 7)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.refusals import Refusal
from usage_ledger.streams import account_stream, payer_stream, workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.changing import judged_now
from usage_ledger.workspaces.commands import RegisterWorkspace
from usage_ledger.workspaces.events import ModelSelected, PayerPinned, WorkspaceRegistered
from usage_ledger.workspaces.resolver.inputs import model_input, runtime_input
from usage_ledger.workspaces.workspace import Workspace


def register_workspace(command: RegisterWorkspace, decision: Decision) -> WorkspaceAnswer:
    """Begin a workspace: ``workspace_exists``, ``account_not_found``."""
    stream = workspace_stream(decision.tenant, command.workspace_id)
    workspace = decision.get(Workspace, stream)
    if workspace.version:
        raise Refusal("workspace_exists", f"workspace {command.workspace_id} is registered already")
    if command.account_id is not None:
        _require_account(command.account_id, decision)
    runtime, model = _name(command.runtime), _name(command.model)
    blank = judged_now(command.workspace_id, workspace, decision)
    begun = blank.changed(runtime=runtime_input(runtime)).reported(None)
    decision.record(
        stream,
        WorkspaceRegistered(
            workspace_id=command.workspace_id,
            kind=command.kind or "workspace",
            runtime=runtime,
            deployment=decision.facts.deployment.name,
            before=None,
            after=begun.resolution,
            states=begun.states,
            faults=begun.faults,
        ),
    )
    if model is not None:
        after = blank.changed(runtime=runtime_input(runtime), model=model_input(model)).reported(None)
        selected = ModelSelected(
            command.workspace_id, model, "user", None, begun.resolution, after.resolution, after.states, after.faults
        )
        decision.record(stream, selected)
    if command.account_id is not None:
        pin = PayerPinned(command.workspace_id, command.account_id, previous=None)
        decision.record(payer_stream(decision.tenant, command.workspace_id), pin)
    return answer_now(command.workspace_id, decision, before=None)


def _require_account(account_id: str, decision: Decision) -> None:
    if not decision.get(Account, account_stream(decision.tenant, account_id)).version:
        raise Refusal("account_not_found", f"account {account_id} does not exist")


def _name(text: str | None) -> str | None:
    """The trimmed text; blank is absent, as the resolver reads it (billing-mode 3)."""
    return (text or "").strip() or None
