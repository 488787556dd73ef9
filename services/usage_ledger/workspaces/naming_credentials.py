"""AddCredentialName, RemoveCredentialName: which credentials are stored, by name, for a workspace or its organization.

Storing what is stored already, and removing what is not, is accepted without an event. Removing is never guarded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refusals import Refusal
from usage_ledger.streams import organization_stream, workspace_stream
from usage_ledger.workspaces.answer import WorkspaceAnswer, answer_now
from usage_ledger.workspaces.changing import existing, sources_of
from usage_ledger.workspaces.commands import AddCredentialName, RemoveCredentialName
from usage_ledger.workspaces.credential_texts import require_fingerprint, require_name
from usage_ledger.workspaces.events import CredentialNameAdded, CredentialNameRemoved, CredentialScope
from usage_ledger.workspaces.key_guard import KeyWrite, require_key_allowed
from usage_ledger.workspaces.mode_at import Judged, judged_at
from usage_ledger.workspaces.mode_changes import ModeChanges, tell
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.resolver.inputs import Credentials
from usage_ledger.workspaces.stored_names import StoredNames

MAX_NAMES: Final = 100
"""Names that are stored at one scope."""


class _Scope(NamedTuple):
    """Where names are kept: the stream, and what is stored there."""

    name: CredentialScope
    stream_id: str
    stored: StoredNames


def add_credential_name(command: AddCredentialName, decision: Decision) -> WorkspaceAnswer:
    """Say that a credential is stored under a name, of which only a keyed digest is known.

    ``workspace_not_found``, ``version_conflict``, ``missing_fingerprint``, ``credential_value_not_accepted``,
    ``credentials_unreadable``, ``too_many_credential_names``; the guard's ``reserved_credential_name``,
    ``platform_model_blocks_vendor_key``, ``vendor_key_refused`` (billing-mode 6).
    """
    workspace = existing(command.workspace_id, command.expected_version, decision)
    name, fingerprint = require_name(command.name), require_fingerprint(command.fingerprint)
    sources = sources_of(command.workspace_id, workspace, decision)
    scope = _scope(command.scope, sources)
    judged = judged_at(sources, decision.recorded_at, decision.fact_readers)
    changes = _changes(scope, judged, sources, decision)
    seen = judged.facts.credentials
    credentials = seen.with_names(scope.name, seen.of(scope.name) | {name})
    organization_id = sources.organization_id
    write = KeyWrite(command.workspace_id, organization_id, scope.name, name, scope.stream_id)
    require_key_allowed(write, judged.changed(credentials=credentials))
    if scope.stored.fingerprints.get(name) != fingerprint:
        _require_room(scope.stored, name)
        added = partial(
            CredentialNameAdded,
            workspace_id=command.workspace_id,
            organization_id=organization_id,
            scope=scope.name,
            name=name,
            fingerprint=fingerprint,
        )
        _record(added, credentials, scope, changes, sources, decision)
    return answer_now(command.workspace_id, changes.judged, decision, judged.resolved.resolution())


def remove_credential_name(command: RemoveCredentialName, decision: Decision) -> WorkspaceAnswer:
    """Say that nothing is stored under the name any more.

    ``workspace_not_found``, ``version_conflict``, ``credential_value_not_accepted``, ``credentials_unreadable``.
    """
    workspace = existing(command.workspace_id, command.expected_version, decision)
    name = require_name(command.name)
    sources = sources_of(command.workspace_id, workspace, decision)
    scope = _scope(command.scope, sources)
    judged = judged_at(sources, decision.recorded_at, decision.fact_readers)
    changes = _changes(scope, judged, sources, decision)
    if name in scope.stored.fingerprints:
        removed = partial(
            CredentialNameRemoved,
            workspace_id=command.workspace_id,
            organization_id=sources.organization_id,
            scope=scope.name,
            name=name,
        )
        seen = judged.facts.credentials
        credentials = seen.with_names(scope.name, seen.of(scope.name) - {name})
        _record(removed, credentials, scope, changes, sources, decision)
    return answer_now(command.workspace_id, changes.judged, decision, judged.resolved.resolution())


def _scope(name: CredentialScope | None, sources: ModeSources) -> _Scope:
    if name != "tenant":
        stream = workspace_stream(sources.tenant, sources.workspace_id)
        return _Scope("workspace", stream, sources.workspace.credentials)
    if sources.organization is None:
        raise Refusal("credentials_unreadable", "what the organization has stored cannot be read")
    stream = organization_stream(sources.tenant, sources.organization_id)
    return _Scope("tenant", stream, sources.organization.credentials)


def _changes(scope: _Scope, judged: Judged, sources: ModeSources, decision: Decision) -> ModeChanges:
    before, run = judged.resolved.resolution(), sources.workspace.current_run
    return ModeChanges(scope.stream_id, judged, before, run, decision)


def _record(
    event: Callable[..., EventPayload],
    credentials: Credentials,
    scope: _Scope,
    changes: ModeChanges,
    sources: ModeSources,
    decision: Decision,
) -> None:
    """What the organization stores is told to the workspace that it came through at once, to all others in reaction."""
    before = changes.judged.resolved.resolution()
    position = changes.record(event, credentials=credentials)
    if scope.name == "tenant":
        cause = decision.event_id(position)
        tell(sources.workspace_id, sources.workspace, before, changes.judged, cause, decision)


def _require_room(stored: StoredNames, name: str) -> None:
    if name not in stored.fingerprints and len(stored.fingerprints) >= MAX_NAMES:
        raise Refusal("too_many_credential_names", f"at most {MAX_NAMES} names are stored at one scope")
