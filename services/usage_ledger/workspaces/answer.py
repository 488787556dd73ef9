"""What every write to a workspace answers: where its stream stands, and who is to pay from now on, and why."""

from __future__ import annotations

import msgspec

from usage_ledger.deployment.deployment import Deployment
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung
from usage_ledger.workspaces.live_mode import resolve, resolved
from usage_ledger.workspaces.workspace import Workspace


class WorkspaceAnswer(msgspec.Struct, frozen=True):
    """The resolution by the names that HTTP uses. ``previous_mode`` is the mode that the write found, if any.

    ``version`` is the workspace stream's, for ``expected_version``.
    """

    workspace_id: str
    version: int
    resolved_mode: BillingMode
    previous_mode: BillingMode | None
    workspace_override: BillingMode | None
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    rungs: tuple[Rung, ...]


def resolution_at(workspace: Workspace, deployment: Deployment, instant: int) -> Resolution:
    """What the rules answer from the facts that hold at the instant (microseconds UTC)."""
    return resolve(workspace.override.at(instant), deployment.wired.at(instant))


def answer_at(
    workspace_id: str, workspace: Workspace, deployment: Deployment, instant: int, before: Resolution | None
) -> WorkspaceAnswer:
    """Why the workspace is billed as it is at the instant, with the trail."""
    override = workspace.override.at(instant)
    answer = resolved(override, deployment.wired.at(instant))
    return WorkspaceAnswer(
        workspace_id=workspace_id,
        version=workspace.version,
        resolved_mode=answer.mode,
        previous_mode=before.mode if before else None,
        workspace_override=override,
        source=answer.source,
        provider_selection=answer.provider,
        derived_by=answer.how,
        policy=answer.policy,
        registry=answer.registry_version,
        model=workspace.model,
        runtime=workspace.runtime,
        rungs=answer.trail,
    )
