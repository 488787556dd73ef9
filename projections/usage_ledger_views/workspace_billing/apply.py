"""Folds workspace and payer events into who pays for a workspace's calls.

A workspace's row has two sources, its own stream and its payer's, so an event sets only the columns it speaks of.
"""

from __future__ import annotations

from typing import Any

from usage_ledger_views.event import Event

Columns = dict[str, Any]
"""Columns of ``views.workspace_billing`` that a batch sets, by name."""

WorkspaceChanges = dict[tuple[str, str], Columns]
"""By (tenant, workspace)."""


def workspace_registered(changes: WorkspaceChanges, event: Event) -> None:
    record = event.record
    _set(
        changes,
        event,
        kind=record["kind"],
        deployment=record["deployment"],
        runtime=record["runtime"],
        registered_at=record["recorded_at"],
        **_resolution(record["after"]),
    )


def model_selected(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, model=event.record["model"], **_resolution(event.record["after"]))


def model_cleared(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, model=None, **_resolution(event.record["after"]))


def billing_override_set(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, override=event.record["mode"], **_resolution(event.record["after"]))


def billing_override_cleared(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, override=None, **_resolution(event.record["after"]))


def payer_pinned(changes: WorkspaceChanges, event: Event) -> None:
    _set(changes, event, payer=event.record["account_id"], payer_pinned_at=event.record["recorded_at"])


def _resolution(after: dict[str, Any]) -> Columns:
    return {name: after[name] for name in ("mode", "source", "provider", "policy")}


def _set(changes: WorkspaceChanges, event: Event, **columns: Any) -> None:
    record = event.record
    changed = changes.setdefault((record["tenant"], record["workspace_id"]), {})
    changed.update(columns, position=event.position, recorded_at=record["recorded_at"])


APPLIERS = {
    "WorkspaceRegistered": workspace_registered,
    "ModelSelected": model_selected,
    "ModelCleared": model_cleared,
    "BillingOverrideSet": billing_override_set,
    "BillingOverrideCleared": billing_override_cleared,
    "PayerPinned": payer_pinned,
}
