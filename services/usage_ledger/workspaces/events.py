"""What happened to a workspace and to the pin of its payer. Times are microseconds UTC.

``before`` and ``after`` are the resolution as the write found it and left it, so that readers need no resolver.
"""

from __future__ import annotations

from typing import Literal

from usage_ledger.recorded_event import EventPayload
from usage_ledger.workspaces.billing_mode import BillingMode, Resolution

WorkspaceKind = Literal["workspace", "platform"]
ModelOrigin = Literal["user", "template", "import", "seed", "reconcile"]


class WorkspaceRegistered(EventPayload, frozen=True):
    """A workspace begins; ``before`` is None because there was none."""

    workspace_id: str
    kind: WorkspaceKind
    runtime: str | None
    deployment: str
    before: Resolution | None
    after: Resolution


class ModelSelected(EventPayload, frozen=True):
    """The workspace's model was set."""

    workspace_id: str
    model: str
    origin: ModelOrigin
    previous: str | None
    before: Resolution | None
    after: Resolution


class ModelCleared(EventPayload, frozen=True):
    """The workspace has no model any more."""

    workspace_id: str
    previous: str
    before: Resolution | None
    after: Resolution


class BillingOverrideSet(EventPayload, frozen=True):
    """The workspace chose its billing mode, from ``effective_from`` on."""

    workspace_id: str
    mode: BillingMode
    previous: BillingMode | None
    effective_from: int
    reason: str
    before: Resolution | None
    after: Resolution


class BillingOverrideCleared(EventPayload, frozen=True):
    """The workspace follows the rules again, from ``effective_from`` on."""

    workspace_id: str
    previous: BillingMode
    effective_from: int
    reason: str
    before: Resolution | None
    after: Resolution


class PayerPinned(EventPayload, frozen=True):
    """The account that pays for a workspace, from the recorded time on. In the payer stream."""

    workspace_id: str
    account_id: str
    previous: str | None
