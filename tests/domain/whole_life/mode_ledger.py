"""A ledger whose sources can fail, and what its events say when they are read again."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.rehearsal import SECOND, Rehearsal
from domain.workspaces.stored import unreadable
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.commands import PublishRegistry
from usage_ledger.governance.governance import Governance
from usage_ledger.recorded_event import EventPayload
from usage_ledger.refused import CommandRefused
from usage_ledger.submission import Outcome
from usage_ledger.workspaces.events import CredentialWriteRejected, ProvisionRefused
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
            assert all(isinstance(event, _REFUSALS) for event in recorded), recorded
        return outcome

    def left(self, workspace_id: str, version: int) -> Judged:
        """What the command before left. What it wrote is known from it, also where the source fails."""
        recorded = self.of(workspace_id)[version:]
        written = {field for event in recorded for field in _WRITTEN.get(type(event).__name__, ())}
        failing = [source for source in self.failing if source not in written]
        return judged_at(self.sources(workspace_id), self.now - SECOND, unreadable(*failing))

    def of(self, workspace_id: str) -> list[EventPayload]:
        """The events of a workspace."""
        return self.events(f"t1/workspace-{workspace_id}")

    def publish(self, content: RegistryContent, effective_from: int | None) -> None:
        """Under a label of its own."""
        label = f"v{len(self.contents)}"
        self.contents[label] = msgspec.structs.replace(content, version=label)
        text = canonical_json(self.contents[label]).decode()
        self.do(PublishRegistry(label, text, "r", effective_from), None, tenant="platform")
