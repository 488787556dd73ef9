"""RegisterWorkspace: a workspace begins, with its model, its credentials and its first payer; all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Decision
from usage_ledger.refusals import InvalidInput, Refusal
from usage_ledger.streams import account_stream, payer_stream, refusals_stream, workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.changing import judged_now
from usage_ledger.workspaces.commands import NamedCredential, RegisterWorkspace
from usage_ledger.workspaces.credential_texts import require_fingerprint, require_name
from usage_ledger.workspaces.events import (
    CredentialNameAdded,
    ModelOrigin,
    ModelSelected,
    PayerPinned,
    WorkspaceRegistered,
)
from usage_ledger.workspaces.key_guard import KeyWrite, require_key_allowed
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.mode_changes import ModeChanges
from usage_ledger.workspaces.resolver.inputs import model_input, runtime_input
from usage_ledger.workspaces.resolver.key_write import with_key
from usage_ledger.workspaces.selection_checks import (
    require_model_derivable,
    require_model_given,
    require_payable,
    require_runtime_supported,
)
from usage_ledger.workspaces.workspace import Workspace


def register_workspace(command: RegisterWorkspace, decision: Decision) -> WorkspaceAnswer:
    """Begin a workspace (billing-mode 7).

    ``workspace_exists``, ``account_not_found``, ``missing_fingerprint``, ``credential_value_not_accepted``; and then
    what the registry, the guard of keys and the gates have to say of the state that the whole command would leave.
    Raises ``InvalidInput('invalid_value')`` for a name that is given twice.
    """
    _require_new(command.workspace_id, decision)
    if command.account_id is not None:
        _require_account(command.account_id, decision)
    fingerprints = _fingerprints(command.credentials)
    blank = judged_now(command.workspace_id, _unborn(command), decision)
    would_be = _would_be(command, blank, fingerprints)
    _require_allowed(command, would_be, fingerprints, decision)
    _record(command, blank, fingerprints, decision)
    return answer_now(command.workspace_id, would_be, decision, before=None)


def _require_new(workspace_id: str, decision: Decision) -> None:
    if decision.get(Workspace, workspace_stream(decision.tenant, workspace_id)).version:
        raise Refusal("workspace_exists", f"workspace {workspace_id} is registered already")


def _require_account(account_id: str, decision: Decision) -> None:
    if not decision.get(Account, account_stream(decision.tenant, account_id)).version:
        raise Refusal("account_not_found", f"account {account_id} does not exist")


def _fingerprints(credentials: Iterable[NamedCredential]) -> dict[str, str]:
    """By name, in the order in which they were given."""
    fingerprints: dict[str, str] = {}
    for index, credential in enumerate(credentials):
        name = require_name(credential.name)
        if name in fingerprints:
            raise InvalidInput("invalid_value", "the name is given twice", f"/credentials/{index}/name")
        fingerprints[name] = require_fingerprint(credential.fingerprint)
    return fingerprints


def _unborn(command: RegisterWorkspace) -> Workspace:
    """What the rules look at before anything is recorded: the organization's facts count already."""
    workspace = Workspace()
    workspace.organization_id = command.organization_id
    return workspace


def _would_be(command: RegisterWorkspace, blank: Judged, names: Iterable[str]) -> Judged:
    facts = blank.facts
    for name in names:
        facts = with_key(facts, name)
    return blank.changed(
        runtime=runtime_input(_name(command.runtime)),
        model=model_input(_name(command.model)),
        credentials=facts.credentials,
    )


def _require_allowed(command: RegisterWorkspace, would_be: Judged, names: Iterable[str], decision: Decision) -> None:
    """In the order of the rules: the first that has something against it is the answer."""
    origin = _origin(command)
    require_runtime_supported(would_be, origin)
    require_model_given(would_be, command.kind or "workspace")
    require_model_derivable(would_be, origin)
    for name in names:
        # The workspace is not to begin because of it, so it has no stream that this could stand in.
        noted_in = refusals_stream(decision.tenant)
        organization = _organization_id(command, decision)
        require_key_allowed(KeyWrite(command.workspace_id, organization, "workspace", name, noted_in), would_be)
    require_payable(would_be)


def _record(command: RegisterWorkspace, blank: Judged, fingerprints: Mapping[str, str], decision: Decision) -> None:
    stream, workspace_id = workspace_stream(decision.tenant, command.workspace_id), command.workspace_id
    runtime, model = _name(command.runtime), _name(command.model)
    changes = ModeChanges(stream, blank, None, None, decision)
    begun = partial(
        WorkspaceRegistered,
        workspace_id=workspace_id,
        kind=command.kind or "workspace",
        runtime=runtime,
        deployment=decision.facts.deployment.name,
        organization_id=command.organization_id,
    )
    changes.record(begun, runtime=runtime_input(runtime), model=model_input(None))
    if model is not None:
        origin = _origin(command)
        selected = partial(ModelSelected, workspace_id=workspace_id, model=model, origin=origin, previous=None)
        changes.record(selected, model=model_input(model))
    _record_names(command, changes, blank, fingerprints, decision)
    if command.account_id is not None:
        pin = PayerPinned(workspace_id, command.account_id, previous=None)
        decision.record(payer_stream(decision.tenant, workspace_id), pin)


def _record_names(
    command: RegisterWorkspace,
    changes: ModeChanges,
    blank: Judged,
    fingerprints: Mapping[str, str],
    decision: Decision,
) -> None:
    facts = blank.facts
    for name, fingerprint in fingerprints.items():
        facts = with_key(facts, name)
        added = partial(
            CredentialNameAdded,
            workspace_id=command.workspace_id,
            organization_id=_organization_id(command, decision),
            scope="workspace",
            name=name,
            fingerprint=fingerprint,
        )
        changes.record(added, credentials=facts.credentials)


def _organization_id(command: RegisterWorkspace, decision: Decision) -> str:
    return command.organization_id or decision.tenant


def _origin(command: RegisterWorkspace) -> ModelOrigin:
    return command.origin or "user"


def _name(text: str | None) -> str | None:
    """The trimmed text; blank is absent, as the resolver reads it (billing-mode 3)."""
    return (text or "").strip() or None
