"""A workspace: its model, and the billing mode it chose, with the history that late usage is judged by."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import Timeline
from usage_ledger.workspaces.billing_mode import BillingMode
from usage_ledger.workspaces.events import (
    BillingOverrideCleared,
    BillingOverrideSet,
    ModelCleared,
    ModelSelected,
    WorkspaceKind,
    WorkspaceRegistered,
)

EARLY_USAGE_MICROS: Final = 300_000_000
"""Clocks differ: usage this much older than its workspace's first fact reads that fact."""


class Workspace:
    """State of a workspace stream. Times are microseconds UTC."""

    __slots__ = ("deployment", "kind", "model", "override", "registered_at", "runtime", "version")

    def __init__(self) -> None:
        self.version = 0
        self.registered_at: int | None = None
        self.kind: WorkspaceKind = "workspace"
        self.runtime: str | None = None
        self.deployment = ""
        self.model: str | None = None
        self.override: Timeline[BillingMode | None] = Timeline(None)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case WorkspaceRegistered():
                self.registered_at = recorded_at
                self.kind = payload.kind
                self.runtime = payload.runtime
                self.deployment = payload.deployment
            case ModelSelected():
                self.model = payload.model
            case ModelCleared():
                self.model = None
            case BillingOverrideSet():
                self.override.change(payload.effective_from, payload.mode)
            case BillingOverrideCleared():
                self.override.change(payload.effective_from, None)
            case _:
                pass

    def facts_instant(self, occurred_at: int) -> int | None:
        """The instant whose facts judge usage of ``occurred_at``.

        The workspace's first fact for usage that is at most 300 s older; None for older usage, or no workspace.
        """
        first = self.registered_at
        if first is None or occurred_at < first - EARLY_USAGE_MICROS:
            return None
        return max(first, occurred_at)

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode(
            _State(self.registered_at, self.kind, self.runtime, self.deployment, self.model, self.override.changes())
        )

    @classmethod
    def restore(cls, state: bytes, version: int) -> Workspace:
        """What ``snapshot`` saw."""
        seen = msgspec.msgpack.decode(state, type=_State)
        workspace = cls()
        workspace.version = version
        workspace.registered_at = seen.registered_at
        workspace.kind = seen.kind
        workspace.runtime = seen.runtime
        workspace.deployment = seen.deployment
        workspace.model = seen.model
        workspace.override.change_all(seen.override)
        return workspace


class _State(msgspec.Struct, array_like=True):
    registered_at: int | None
    kind: WorkspaceKind
    runtime: str | None
    deployment: str
    model: str | None
    override: list[tuple[int, BillingMode | None]]
