"""A workspace: what its billing mode is derived from, with the history that late usage is judged by."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import Timeline
from usage_ledger.workspaces.billing_mode import BillingMode, Resolution
from usage_ledger.workspaces.events import (
    BillingModeResolved,
    BillingOverrideCleared,
    BillingOverrideSet,
    CredentialNameAdded,
    CredentialNameRemoved,
    ModelCleared,
    ModelSelected,
    ProvisionDecided,
    RuntimeChanged,
    WorkspaceKind,
    WorkspaceRegistered,
)
from usage_ledger.workspaces.remembered_mode import RememberedMode
from usage_ledger.workspaces.states import FrozenRun
from usage_ledger.workspaces.stored_names import NamesState, StoredNames

EARLY_USAGE_MICROS: Final = 300_000_000
"""Clocks differ: usage this much older than its workspace's first fact reads that fact."""


class CurrentRun(msgspec.Struct, frozen=True, array_like=True):
    """The run that was decided last, with what money follows (billing-mode 10)."""

    run_id: str
    mode: BillingMode
    provider: str | None

    def frozen(self) -> FrozenRun:
        return FrozenRun(self.mode, self.provider)


class Reported(msgspec.Struct, frozen=True, array_like=True):
    """What the workspace's events said last of its mode: what readers know."""

    resolution: Resolution
    states: tuple[str, ...]
    faults: tuple[str, ...]


class Workspace:
    """State of a workspace stream. Times are microseconds UTC; texts are as they are stored.

    ``remembered`` is no state: answers of the rules for some spans of time, so that usage need not ask them again.
    """

    __slots__ = (
        "credentials",
        "current_run",
        "deployment",
        "kind",
        "model",
        "organization_id",
        "override",
        "registered_at",
        "remembered",
        "reported",
        "runtime",
        "version",
    )

    def __init__(self) -> None:
        self.version = 0
        self.registered_at: int | None = None
        self.kind: WorkspaceKind = "workspace"
        self.deployment = ""
        self.organization_id: str | None = None
        self.runtime: Timeline[str | None] = Timeline(None)
        self.model: Timeline[str | None] = Timeline(None)
        self.override: Timeline[str | None] = Timeline(None)
        self.credentials = StoredNames()
        self.current_run: CurrentRun | None = None
        self.reported: Reported | None = None
        self.remembered: tuple[RememberedMode, ...] = ()

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        self.remembered = ()
        match payload:
            case WorkspaceRegistered():
                self.registered_at = recorded_at
                self.kind = payload.kind
                self.deployment = payload.deployment
                self.organization_id = payload.organization_id
                self.runtime.change(recorded_at, payload.runtime)
            case RuntimeChanged():
                self.runtime.change(recorded_at, payload.runtime)
            case ModelSelected():
                self.model.change(recorded_at, payload.model)
            case ModelCleared():
                self.model.change(recorded_at, None)
            case BillingOverrideSet() | BillingOverrideCleared():
                text = payload.text if isinstance(payload, BillingOverrideSet) else None
                self.override.change(payload.effective_from, text)
            case CredentialNameAdded():
                self.credentials.add(payload.name, payload.fingerprint, recorded_at)
            case CredentialNameRemoved():
                self.credentials.remove(payload.name, recorded_at)
            case _:
                pass
        self._report(payload)

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
            _State(
                self.registered_at,
                self.kind,
                self.deployment,
                self.organization_id,
                self.runtime.changes(),
                self.model.changes(),
                self.override.changes(),
                self.credentials.state(),
                self.current_run,
                self.reported,
            )
        )

    @classmethod
    def restore(cls, state: bytes, version: int) -> Workspace:
        """What ``snapshot`` saw."""
        seen = msgspec.msgpack.decode(state, type=_State)
        workspace = cls()
        workspace.version = version
        workspace.registered_at = seen.registered_at
        workspace.kind = seen.kind
        workspace.deployment = seen.deployment
        workspace.organization_id = seen.organization_id
        workspace.runtime.change_all(seen.runtime)
        workspace.model.change_all(seen.model)
        workspace.override.change_all(seen.override)
        workspace.credentials.restore(*seen.credentials)
        workspace.current_run = seen.current_run
        workspace.reported = seen.reported
        return workspace

    def _report(self, payload: EventPayload) -> None:
        if isinstance(payload, _REPORTING):
            self.reported = Reported(payload.after, payload.states, payload.faults)
        elif isinstance(payload, ProvisionDecided):
            self.current_run = CurrentRun(payload.run_id, payload.mode, payload.provider)
            # Readers take what it was frozen as for the answer of that moment.
            self.reported = Reported(payload.resolution(), payload.warnings, payload.faults)


_REPORTING: Final = (
    WorkspaceRegistered,
    RuntimeChanged,
    ModelSelected,
    ModelCleared,
    BillingOverrideSet,
    BillingOverrideCleared,
    CredentialNameAdded,
    CredentialNameRemoved,
    BillingModeResolved,
)


class _State(msgspec.Struct, array_like=True):
    registered_at: int | None
    kind: WorkspaceKind
    deployment: str
    organization_id: str | None
    runtime: list[tuple[int, str | None]]
    model: list[tuple[int, str | None]]
    override: list[tuple[int, str | None]]
    credentials: NamesState
    current_run: CurrentRun | None
    reported: Reported | None
