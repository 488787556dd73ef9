"""What happened to a workspace, to its organization's part in billing modes, and to the pin of its payer.

Times are microseconds UTC. ``before`` and ``after`` are the resolution as the write found it and left it, ``states``
and ``faults`` what it left to be seen (billing-mode 3, 8), so that readers need no resolver.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.recorded_event import EventPayload
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung

WorkspaceKind = Literal["workspace", "platform"]
ModelOrigin = Literal["user", "template", "import", "seed", "reconcile"]
StoredMode = Literal["platform_managed", "byok", "disabled", "UNKNOWN"]
"""``UNKNOWN`` is text that is no mode, which only an import may bring; it is kept beside it."""

CredentialScope = Literal["workspace", "tenant"]


class WorkspaceRegistered(EventPayload, frozen=True):
    """A workspace begins; ``before`` is None because there was none.

    ``organization_id`` None is the tenant's own organization, which is called like the tenant.
    """

    workspace_id: str
    kind: WorkspaceKind
    runtime: str | None
    deployment: str
    before: Resolution | None
    after: Resolution
    organization_id: str | None = None
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class RuntimeChanged(EventPayload, frozen=True):
    """The workspace runs on another runtime; None is a plain gateway client."""

    workspace_id: str
    runtime: str | None
    previous: str | None
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class ModelSelected(EventPayload, frozen=True):
    """The workspace's model was set."""

    workspace_id: str
    model: str
    origin: ModelOrigin
    previous: str | None
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class ModelCleared(EventPayload, frozen=True):
    """The workspace has no model any more."""

    workspace_id: str
    previous: str
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class BillingOverrideSet(EventPayload, frozen=True):
    """The workspace chose its billing mode, from ``effective_from`` on. ``unknown_text`` is what stands for no mode."""

    workspace_id: str
    mode: StoredMode
    previous: StoredMode | None
    effective_from: int
    reason: str
    before: Resolution | None
    after: Resolution
    unknown_text: str | None = None
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The override as it is stored."""
        return self.mode if self.unknown_text is None else self.unknown_text


class BillingOverrideCleared(EventPayload, frozen=True):
    """The workspace follows the rules again, from ``effective_from`` on."""

    workspace_id: str
    previous: StoredMode
    effective_from: int
    reason: str
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class CredentialNameAdded(EventPayload, frozen=True):
    """A credential is stored under this name, of which only a keyed fingerprint is known, never its value.

    At scope ``tenant`` it is the whole organization's and in its stream, through the workspace that is named.
    """

    workspace_id: str
    organization_id: str
    scope: CredentialScope
    name: str
    fingerprint: str
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class CredentialNameRemoved(EventPayload, frozen=True):
    """No credential is stored under this name any more."""

    workspace_id: str
    organization_id: str
    scope: CredentialScope
    name: str
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class CredentialWriteRejected(EventPayload, frozen=True):
    """A credential name was refused (billing-mode 6). ``rule`` None is a reserved name.

    Of a workspace that was not to begin because of it, it stands in the stream of refusals.
    """

    workspace_id: str
    organization_id: str
    scope: CredentialScope
    name: str
    code: str
    rule: str | None
    model: str | None
    runtime: str | None
    policy: str
    registry_version: str | None


class SeenInput(msgspec.Struct, frozen=True, gc=False):
    """One input of a decision: ``state`` is one of the four, ``value`` what was read. Of credentials only names."""

    name: str
    state: str
    value: str | None


class ProvisionDecided(EventPayload, frozen=True):
    """What a run is, for ever: money follows it (billing-mode 8, 10, 12).

    ``warnings`` are the named states; ``withheld`` the names of both scopes that the run must not see.
    """

    workspace_id: str
    run_id: str
    mode: BillingMode
    mode_source: ModeSource
    provider: str | None
    how: str
    policy: str
    registry_version: str | None
    registry_digest: str | None
    outcome: str
    inputs: tuple[SeenInput, ...]
    trail: tuple[Rung, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    withheld: tuple[str, ...]

    def resolution(self) -> Resolution:
        """What the rules answered at that moment."""
        return Resolution(self.mode, self.mode_source, self.provider, self.policy, self.registry_version)


class ProvisionRefused(EventPayload, frozen=True):
    """A run could not start (billing-mode 8). ``code`` is the first gate that failed, ``also`` the others.

    It decides nothing: the same run may be asked for again.
    """

    workspace_id: str
    run_id: str
    code: str
    also: tuple[str, ...]
    mode: BillingMode
    mode_source: ModeSource
    provider: str | None
    how: str
    policy: str
    registry_version: str | None
    registry_digest: str | None
    inputs: tuple[SeenInput, ...]
    trail: tuple[Rung, ...]
    faults: tuple[str, ...]


class BillingModeResolved(EventPayload, frozen=True):
    """A fact of the deployment or of the organization changed what the rules answer for this workspace.

    ``cause`` is the id of that fact's event. It informs: the resolver judges.
    """

    workspace_id: str
    before: Resolution | None
    after: Resolution
    states: tuple[str, ...]
    faults: tuple[str, ...]
    cause: str


class OrgDefaultSet(EventPayload, frozen=True):
    """One mode for all workspaces of the organization, read by policies P1 and P3 alone. ``mode`` is as stored.

    ``has_effect`` says whether the policy in force for the organization reads it.
    """

    organization_id: str
    mode: str
    previous: str | None
    reason: str
    has_effect: bool


class OrgDefaultCleared(EventPayload, frozen=True):
    """The organization has no mode of its own any more."""

    organization_id: str
    previous: str
    reason: str
    has_effect: bool


class PayerPinned(EventPayload, frozen=True):
    """The account that pays for a workspace, from the recorded time on. In the payer stream."""

    workspace_id: str
    account_id: str
    previous: str | None
