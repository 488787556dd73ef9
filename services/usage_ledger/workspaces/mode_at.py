"""The one place that derives a workspace's billing mode: now, at any instant, and for how long it is the same."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from usage_ledger.timeline import common_span
from usage_ledger.workspaces.mode_sources import ModeSources, ReadersAt, stored_facts
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.remembered_mode import FactVersions, RememberedMode
from usage_ledger.workspaces.resolver.fact_reader import take_snapshot
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.resolver.resolve import Resolved, resolve
from usage_ledger.workspaces.states import states_of
from usage_ledger.workspaces.workspace import CurrentRun, Reported

REMEMBERED_SPANS: Final = 8
"""Of a workspace at a time: usage that comes late falls in others than what comes at once."""


class Judged(msgspec.Struct, frozen=True):
    """One snapshot of the inputs, what judged it, and the answer."""

    facts: Facts
    registry: Registry | None
    policy: Policy
    resolved: Resolved

    def changed(self, **facts: Any) -> Judged:
        """The answer of the same rules if these inputs were other ones."""
        return judged(msgspec.structs.replace(self.facts, **facts), self.registry, self.policy)

    def reported(self, run: CurrentRun | None) -> Reported:
        """What an event says of the answer, and of what is to be seen beside it."""
        states = states_of(self.facts, self.registry, self.policy, self.resolved, run.frozen() if run else None)
        return Reported(self.resolved.resolution(), states, self.resolved.faults)


def judged(facts: Facts, registry: Registry | None, policy: Policy) -> Judged:
    """What the rules answer from one snapshot."""
    return Judged(facts, registry, policy, resolve(facts, registry, policy))


def judged_at(sources: ModeSources, instant: int, readers_at: ReadersAt = stored_facts) -> Judged:
    """What the rules answer from the facts, policy and registry that hold at the instant (microseconds UTC)."""
    return judged(*inputs_at(sources, instant, readers_at))


def inputs_at(
    sources: ModeSources, instant: int, readers_at: ReadersAt = stored_facts
) -> tuple[Facts, Registry | None, Policy]:
    """One snapshot of the facts, and what judges them, at the instant (microseconds UTC)."""
    facts = take_snapshot(readers_at(sources, instant))
    return facts, sources.governance.registry.at(instant), sources.policy_at(instant)


def mode_at(sources: ModeSources, instant: int, readers_at: ReadersAt = stored_facts) -> RememberedMode:
    """The resolution at the instant and the span in which it is the same; a few are remembered beside the workspace.

    An answer made from inputs that could not be read is not remembered: they may be readable the next time.
    """
    workspace, versions = sources.workspace, _versions(sources)
    for remembered in workspace.remembered:
        if remembered.since <= instant < remembered.until and remembered.versions == versions:
            return remembered
    judged = judged_at(sources, instant, readers_at)
    answer = RememberedMode(*_span(sources, instant), judged.resolved.resolution(), versions)
    if _is_readable(judged.facts):
        still_right = [each for each in workspace.remembered if each.versions == versions]
        workspace.remembered = (answer, *still_right[: REMEMBERED_SPANS - 1])
    return answer


def _versions(sources: ModeSources) -> FactVersions:
    organization = sources.organization
    return -1 if organization is None else organization.version, sources.deployment.version, sources.governance.version


def _span(sources: ModeSources, instant: int) -> tuple[int, int]:
    workspace, organization = sources.workspace, sources.organization
    timelines = [workspace.override, workspace.model, workspace.runtime, workspace.credentials.names]
    if organization is not None:
        timelines += [organization.default_mode, organization.credentials.names]
    return common_span(instant, *timelines, sources.deployment.wired, sources.governance.registry, *sources.policies())


def _is_readable(facts: Facts) -> bool:
    inputs = (facts.override, facts.org_default, facts.runtime, facts.model)
    return facts.credentials.is_readable and all(given.state != "unreadable" for given in inputs)
