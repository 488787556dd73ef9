"""What every write to a workspace answers: where its stream stands, and who is to pay from now on, and why."""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung
from usage_ledger.workspaces.changing import sources_of
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.workspace import Workspace


class WorkspaceAnswer(msgspec.Struct, frozen=True):
    """The resolution by the names that HTTP uses. ``previous_mode`` is the mode that the write found, if any.

    ``version`` is the workspace stream's, for ``expected_version``. Override, model and runtime are shown as they were
    consulted: null where they are absent or could not be read, which a rung or a fault says. ``states`` are the named
    states (billing-mode 8), ``faults`` what was wrong with the inputs (billing-mode 3).
    """

    workspace_id: str
    version: int
    resolved_mode: BillingMode
    previous_mode: BillingMode | None
    workspace_override: str | None
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    model: str | None
    runtime: str | None
    rungs: tuple[Rung, ...]
    states: tuple[str, ...]
    faults: tuple[str, ...]


def answer_of(sources: ModeSources, judged: Judged, before: Resolution | None) -> WorkspaceAnswer:
    """Why the workspace is billed as it was judged to be, with the trail."""
    workspace, facts = sources.workspace, judged.facts
    answer, reported = judged.resolved, judged.reported(workspace.current_run)
    return WorkspaceAnswer(
        workspace_id=sources.workspace_id,
        version=workspace.version,
        resolved_mode=answer.mode,
        previous_mode=before.mode if before else None,
        workspace_override=facts.override.value,
        source=answer.source,
        provider_selection=answer.provider,
        derived_by=answer.how,
        policy=answer.policy,
        registry=answer.registry_version,
        model=facts.model.value,
        runtime=facts.runtime.value,
        rungs=answer.trail,
        states=reported.states,
        faults=reported.faults,
    )


def answer_now(workspace_id: str, judged: Judged, decision: Decision, before: Resolution | None) -> WorkspaceAnswer:
    """The answer with what this decision recorded. ``judged`` goes back to the one look that it took at the facts."""
    workspace = decision.get(Workspace, workspace_stream(decision.tenant, workspace_id))
    return answer_of(sources_of(workspace_id, workspace, decision), judged, before)
