"""Every change of a fact that modes are derived from, and every answer that moved by itself, is one row, for good."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.provenance import provenance


class ModeChange(msgspec.Struct, frozen=True):
    """A row of ``views.mode_history`` by its columns.

    ``organization_id`` None is the one that the workspace was registered with.
    """

    tenant: str
    position: int
    event_id: str
    what: str
    organization_id: str | None
    workspace_id: str | None
    scope: str | None
    value_before: str | None
    value_after: str | None
    answer_before: dict[str, Any] | None
    answer_after: dict[str, Any] | None
    states: list[str]
    faults: list[str]
    origin: str | None
    reason: str | None
    cause: str | None
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    effective_at: int
    recorded_at: int


def workspace_registered(rows: list[ModeChange], event: Event) -> None:
    organization_id = event.record["organization_id"] or event.record["tenant"]
    change = _change(event, "registration", after=event.record["runtime"])
    rows.append(msgspec.structs.replace(change, organization_id=organization_id))


def runtime_changed(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "runtime", before=event.record["previous"], after=event.record["runtime"]))


def model_selected(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "model", before=event.record["previous"], after=event.record["model"]))


def model_cleared(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "model", before=event.record["previous"]))


def billing_override_set(rows: list[ModeChange], event: Event) -> None:
    record = event.record
    stored = record["mode"] if record["unknown_text"] is None else record["unknown_text"]
    rows.append(_change(event, "override", before=record["previous"], after=stored))


def billing_override_cleared(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "override", before=event.record["previous"]))


def credential_name_added(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "credential", after=event.record["name"]))


def credential_name_removed(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "credential", before=event.record["name"]))


def org_default_set(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "org_default", before=event.record["previous"], after=event.record["mode"]))


def org_default_cleared(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "org_default", before=event.record["previous"]))


def billing_mode_resolved(rows: list[ModeChange], event: Event) -> None:
    rows.append(_change(event, "answer"))


def _change(event: Event, what: str, *, before: str | None = None, after: str | None = None) -> ModeChange:
    """What an event does not speak of stays empty."""
    record = event.record
    return ModeChange(
        tenant=record["tenant"],
        position=event.position,
        what=what,
        organization_id=record.get("organization_id"),
        workspace_id=record.get("workspace_id"),
        scope=record.get("scope"),
        value_before=before,
        value_after=after,
        answer_before=record.get("before"),
        answer_after=record.get("after"),
        states=record.get("states", []),
        faults=record.get("faults", []),
        origin=record.get("origin"),
        reason=record.get("reason"),
        cause=record.get("cause"),
        effective_at=record.get("effective_from", record["recorded_at"]),
        recorded_at=record["recorded_at"],
        **provenance(record),
    )


APPLIERS = {
    "WorkspaceRegistered": workspace_registered,
    "RuntimeChanged": runtime_changed,
    "ModelSelected": model_selected,
    "ModelCleared": model_cleared,
    "BillingOverrideSet": billing_override_set,
    "BillingOverrideCleared": billing_override_cleared,
    "CredentialNameAdded": credential_name_added,
    "CredentialNameRemoved": credential_name_removed,
    "OrgDefaultSet": org_default_set,
    "OrgDefaultCleared": org_default_cleared,
    "BillingModeResolved": billing_mode_resolved,
}
