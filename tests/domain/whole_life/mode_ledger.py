"""A ledger whose sources can fail, and what its events say when they are read again."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.rehearsal import SECOND, Rehearsal
from domain.workspaces.stored import unreadable
from usage_ledger.adapters.memory_due_accounts import DueAccountsInMemory
from usage_ledger.adapters.memory_unsettled import UnsettledInMemory
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.governance.events import GovernanceTookEffect
from usage_ledger.governance.governance import Governance
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refused import CommandRefused
from usage_ledger.scenarios.worlds.rehearsed_ledger import Processes, RehearsedLedger
from usage_ledger.submission import Outcome
from usage_ledger.workspaces.events import BillingModeResolved, CredentialWriteRejected, ProvisionRefused
from usage_ledger.workspaces.mode_at import Judged, judged_at
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.registry.content import RegistryContent, canonical_json
from usage_ledger.workspaces.workspace import Workspace

_WRITTEN = {
    "WorkspaceRegistered": ("runtime", "model"),
    "RuntimeChanged": ("runtime",),
    "ModelSelected": ("model",),
    "ModelCleared": ("model",),
    "BillingOverrideSet": ("override",),
    "BillingOverrideCleared": ("override",),
}
_REFUSALS = (CommandRefused, CredentialWriteRejected, ProvisionRefused)
"""All that a command records that is refused."""

_FOLLOWING = (GovernanceTookEffect, BillingModeResolved)
"""What comes of others' facts and of time, and of no command about the workspace."""


class ModeLedger(Rehearsal):
    """``failing`` are the sources that cannot be read, ``contents`` all registries that were published."""

    def __init__(self) -> None:
        super().__init__(lambda sources, instant: unreadable(*self.failing)(sources, instant))
        self.failing: tuple[str, ...] = ()
        self.contents: dict[str, RegistryContent] = {}

    def _folded(self, kind: Any, stream_id: str) -> Any:
        """Each time anew, and through a snapshot."""
        folded = kind()
        for envelope, payload in self.recorded(stream_id):
            folded.apply(payload, envelope.recorded_at)
        return kind.restore(folded.snapshot(), folded.version)

    def sources(self, workspace_id: str) -> ModeSources:
        return ModeSources(
            "t1",
            workspace_id,
            self._folded(Workspace, f"t1/workspace-{workspace_id}"),
            self._folded(Organization, "t1/organization-t1"),
            self._folded(Deployment, "platform/deployment-default"),
            self._folded(Governance, "platform/governance"),
        )

    def judged(self, workspace_id: str) -> Judged:
        """As the next command finds it."""
        return judged_at(self.sources(workspace_id), self.now, unreadable(*self.failing))

    def content(self, judged: Judged) -> RegistryContent | None:
        return None if judged.registry is None else self.contents[judged.registry.version]

    def exists(self, workspace_id: str) -> bool:
        return bool(self.of(workspace_id))

    def do(self, command: msgspec.Struct, expected: str | None, *, tenant: str = "t1") -> Outcome:
        """``expected`` is the code that it is refused with, or one of several; None accepts it."""
        before = {stream: len(self.events(stream)) for stream in self.streams}
        outcome = self.when(command, tenant=tenant)
        assert (outcome.code or "accepted") in (expected or "accepted").split(" or "), command
        recorded = [event for stream in self.streams for event in self.events(stream)[before.get(stream, 0) :]]
        if outcome.code is not None:
            assert all(isinstance(event, (*_REFUSALS, *_FOLLOWING)) for event in recorded), recorded
        return outcome

    def left(self, workspace_id: str, version: int) -> Judged:
        """What the command before left. What it wrote is known from it, also where the source fails."""
        recorded = self.of(workspace_id)[version:]
        written = {field for event in recorded for field in _WRITTEN.get(type(event).__name__, ())}
        failing = [source for source in self.failing if source not in written]
        return judged_at(self.sources(workspace_id), self.now - SECOND, unreadable(*failing))

    def of(self, workspace_id: str) -> list[EventPayload]:
        """The events of a workspace that its own commands brought."""
        events = self.events(f"t1/workspace-{workspace_id}")
        return [event for event in events if not isinstance(event, _FOLLOWING)]

    def publish(self, content: RegistryContent, effective_from: int | None) -> None:
        """Under a label of its own."""
        label = f"v{len(self.contents)}"
        self.contents[label] = msgspec.structs.replace(content, version=label)
        text = canonical_json(self.contents[label]).decode()
        self.do(PublishRegistry(label, text, "r", effective_from), None, tenant="platform")


class ReactingModeLedger(ModeLedger):
    """No source fails, and whatever follows from a fact, or from time, has happened before the next command."""

    def __init__(self) -> None:
        super().__init__()
        processes = Processes(self.store, self.store, UnsettledInMemory(self.store), DueAccountsInMemory(self.store))
        self._processes = RehearsedLedger(self.store, processes, self.clock)

    @property
    def failing(self) -> tuple[str, ...]:
        return ()

    @failing.setter
    def failing(self, _: tuple[str, ...]) -> None: ...

    def wait(self, micros: int) -> None:
        super().wait(micros)
        self._processes.do_what_is_due()
        self._processes.settle()
