"""DecideProvision: what one start of a workspace is, once and for ever (billing-mode 8, 10).

One snapshot of the inputs, one resolution of it, and then the gates in order. What is decided is frozen, because money
follows it; what is refused decides nothing, and the same run may be asked for again.
"""

from __future__ import annotations

from typing import cast

import msgspec

from usage_ledger.deciding import Decision, Repeated
from usage_ledger.refusals import Refusal
from usage_ledger.refused import NotedRefusal
from usage_ledger.streams import workspace_stream
from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Rung
from usage_ledger.workspaces.changing import existing, judged_now
from usage_ledger.workspaces.commands import DecideProvision
from usage_ledger.workspaces.events import ProvisionDecided, ProvisionRefused, SeenInput
from usage_ledger.workspaces.mode_at import Judged
from usage_ledger.workspaces.resolver.provision import GateCode, Outcome, failing_gates, outcome_of, withheld_from
from usage_ledger.workspaces.run_decision import RUN, RunDecision, read_run_decision
from usage_ledger.workspaces.seen_inputs import seen_inputs
from usage_ledger.workspaces.workspace import CurrentRun


class RunAnswer(msgspec.Struct, frozen=True):
    """The frozen decision by the names that HTTP uses; ``version`` is that of the workspace's stream.

    ``withheld`` are the credential names, of both scopes, that the run must not see.
    """

    workspace_id: str
    run_id: str
    version: int
    resolved_mode: BillingMode
    source: ModeSource
    provider_selection: str | None
    derived_by: str
    policy: str
    registry: str | None
    registry_digest: str | None
    provision_outcome: Outcome
    inputs: tuple[SeenInput, ...]
    rungs: tuple[Rung, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    withheld: tuple[str, ...]


def decide_provision(command: DecideProvision, decision: Decision) -> RunAnswer | Repeated:
    """Freeze the mode of a run, or answer again what was frozen.

    Raises ``Refusal``: ``workspace_not_found``, ``run_already_decided`` (for another workspace), codes of gates.
    """
    workspace = existing(command.workspace_id, None, decision)
    known = decision.claimed(RUN, [command.run_id]).get(command.run_id)
    if known is not None:
        return _first_answer(command, known, decision)
    judged = judged_now(command.workspace_id, workspace, decision)
    if failed := tuple(failing_gates(judged.facts, judged.registry, judged.resolved)):
        raise _refused(command, judged, failed, decision)
    outcome = outcome_of(judged.facts, judged.registry, judged.resolved)
    decided = _decided(command, judged, outcome)
    decision.claim(RUN, command.run_id, RunDecision(command.workspace_id, judged.resolved.resolution()).text())
    decision.record(workspace_stream(decision.tenant, command.workspace_id), decided)
    return run_answer(decided, workspace.version)


def _first_answer(command: DecideProvision, known: str, decision: Decision) -> Repeated:
    if read_run_decision(known).workspace_id != command.workspace_id:
        raise Refusal("run_already_decided", "this run was decided for another workspace", {"run_id": command.run_id})
    first = decision.claim(RUN, command.run_id, known)
    if first is None:
        raise KeyError(command.run_id)
    return Repeated(first)


def _decided(command: DecideProvision, judged: Judged, outcome: Outcome) -> ProvisionDecided:
    """The run that is decided is the current one from now on, so nothing is pending beside it."""
    resolved, registry = judged.resolved, judged.registry
    run = CurrentRun(command.run_id, resolved.mode, resolved.provider)
    return ProvisionDecided(
        workspace_id=command.workspace_id,
        run_id=command.run_id,
        mode=resolved.mode,
        mode_source=resolved.source,
        provider=resolved.provider,
        how=resolved.how,
        policy=resolved.policy,
        registry_version=resolved.registry_version,
        registry_digest=registry.digest if registry else None,
        outcome=outcome,
        inputs=seen_inputs(judged.facts),
        trail=resolved.trail,
        faults=resolved.faults,
        warnings=judged.reported(run).states,
        withheld=tuple(sorted(withheld_from(judged.facts, registry, resolved))),
    )


def _refused(
    command: DecideProvision, judged: Judged, failed: tuple[GateCode, ...], decision: Decision
) -> NotedRefusal:
    resolved, registry = judged.resolved, judged.registry
    code, also = failed[0], failed[1:]
    noted = ProvisionRefused(
        workspace_id=command.workspace_id,
        run_id=command.run_id,
        code=code,
        also=also,
        mode=resolved.mode,
        mode_source=resolved.source,
        provider=resolved.provider,
        how=resolved.how,
        policy=resolved.policy,
        registry_version=resolved.registry_version,
        registry_digest=registry.digest if registry else None,
        inputs=seen_inputs(judged.facts),
        trail=resolved.trail,
        faults=resolved.faults,
    )
    facts = {"also": " ".join(also), "resolved_mode": resolved.mode, "policy": resolved.policy}
    if resolved.registry_version is not None:
        facts["registry"] = resolved.registry_version
    stream = workspace_stream(decision.tenant, command.workspace_id)
    return NotedRefusal(code, "the run cannot start like this", facts, stream, noted)


def run_answer(decided: ProvisionDecided, version: int) -> RunAnswer:
    """What was frozen, at a version of the workspace's stream."""
    return RunAnswer(
        workspace_id=decided.workspace_id,
        run_id=decided.run_id,
        version=version,
        resolved_mode=decided.mode,
        source=decided.mode_source,
        provider_selection=decided.provider,
        derived_by=decided.how,
        policy=decided.policy,
        registry=decided.registry_version,
        registry_digest=decided.registry_digest,
        provision_outcome=cast("Outcome", decided.outcome),
        inputs=decided.inputs,
        rungs=decided.trail,
        faults=decided.faults,
        warnings=decided.warnings,
        withheld=decided.withheld,
    )
