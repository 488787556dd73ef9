"""What an operator can decide about how billing modes are judged. Times are microseconds UTC; absent means now."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Id
from usage_ledger.workspaces.commands import Text


class PublishRegistry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Publish a registry version under a label (billing-mode 4). ``content`` is the registry as JSON text."""

    version: Id
    content: str
    reason: Text = ""
    effective_from: int | None = None
    expected_version: int | None = None


class TakeGovernanceEffect(msgspec.Struct, frozen=True):
    """Note that the time of what was announced has come. Only the scheduler sends it."""


class ActivatePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Have a policy judge one workspace, one organization, or everybody if none is named (billing-mode 2, 5)."""

    policy: Text
    reason: Text = ""
    effective_from: int | None = None
    workspace_id: Id | None = None
    organization_id: Id | None = None
    expected_version: int | None = None
