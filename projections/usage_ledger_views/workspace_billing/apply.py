"""Folds workspace and payer events into who pays for a workspace's calls.

A workspace's row has three sources, its own stream, its payer's, and the organization's where a credential of all its
workspaces was stored through this one. So an event sets only the columns it speaks of.
"""

from __future__ import annotations

from typing import Any, Final

from usage_ledger_views.event import Event

Columns = dict[str, Any]
"""Columns of ``views.workspace_billing`` that a batch sets, by name."""

WorkspaceChanges = dict[tuple[str, str], Columns]
"""By (tenant, workspace)."""

_RESOLUTION: Final = ("mode", "source", "provider", "policy", "registry_version")
ANSWER: Final = (*_RESOLUTION, "states", "faults", "answered_position")
"""The columns that say what the rules answer. Two streams set them, so of two events the later one counts."""


def workspace_registered(changes: WorkspaceChanges, event: Event) -> None:
    record = event.record
    _set(
        changes,
        event,
        kind=record["kind"],
        organization_id=record["organization_id"] or record["tenant"],
        deployment=record["deployment"],
        runtime=record["runtime"],
        registered_at=record["recorded_at"],
        **_answer(event),
    )


def runtime_changed(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, runtime=event.record["runtime"], **_answer(event))


def model_selected(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, model=event.record["model"], **_answer(event))


def model_cleared(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, model=None, **_answer(event))


def billing_override_set(changes: WorkspaceChanges, event: Event) -> None:
    record = event.record
    stored = record["mode"] if record["unknown_text"] is None else record["unknown_text"]
    _set(changes, event, override=stored, **_answer(event))


def billing_override_cleared(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, override=None, **_answer(event))


def credential_name_changed(changes: WorkspaceChanges, event: Event) -> None:
    """The organization's stream may be ahead of the workspace's own, which names the organization first."""
    _set(changes, event, organization_id=event.record["organization_id"], **_answer(event))


def resolution_moved(changes: WorkspaceChanges, event: Event) -> None:
    """Something moved the answer that has no column here."""
    _set(changes, event, **_answer(event))


def provision_decided(changes: WorkspaceChanges, event: Event) -> None:
    """The run is frozen as what the rules answered at that moment."""
    record = event.record
    resolution = {"source": record["mode_source"], **{name: record[name] for name in _RESOLUTION if name != "source"}}
    run = {"run_id": record["run_id"], "run_mode": record["mode"], "run_provider": record["provider"]}
    _set(changes, event, **run, **_said(event, resolution, record["warnings"]))


def only_noted(changes: WorkspaceChanges, event: Event) -> None:
    """A refusal that is a fact of its own changes nothing; in the workspace's own stream it moves its version."""
    if _is_own(event):
        _set(changes, event)


def payer_pinned(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, payer=event.record["account_id"], payer_pinned_at=event.record["recorded_at"])


def _answer(event: Event) -> Columns:
    return _said(event, event.record["after"], event.record["states"])


def _said(event: Event, resolution: Columns, states: list[str]) -> Columns:
    answer = {name: resolution[name] for name in _RESOLUTION}
    return {**answer, "states": states, "faults": event.record["faults"], "answered_position": event.position}


def _set(changes: WorkspaceChanges, event: Event, **columns: Any) -> None:
    record = event.record
    changed = changes.setdefault((record["tenant"], record["workspace_id"]), {})
    changed.update(columns, position=event.position, recorded_at=record["recorded_at"])
    if _is_own(event):
        changed["version"] = event.stream_version


def _is_own(event: Event) -> bool:
    """Whether the event is of the workspace's own stream, whose version writes may expect."""
    return event.stream_id == f"{event.record['tenant']}/workspace-{event.record['workspace_id']}"


APPLIERS = {
    "WorkspaceRegistered": workspace_registered,
    "RuntimeChanged": runtime_changed,
    "ModelSelected": model_selected,
    "ModelCleared": model_cleared,
    "BillingOverrideSet": billing_override_set,
    "BillingOverrideCleared": billing_override_cleared,
    "CredentialNameAdded": credential_name_changed,
    "CredentialNameRemoved": credential_name_changed,
    "CredentialWriteRejected": only_noted,
    "BillingModeResolved": resolution_moved,
    "ProvisionDecided": provision_decided,
    "ProvisionRefused": only_noted,
    "PayerPinned": payer_pinned,
}
