"""The known facts of one workspace, in the order in which they took effect, and which of them made the answer.

A fact counts from the time it was recorded; a policy or a registry from the time it names, which may have been
announced long before. What is not known, or takes effect later than is asked about, is left out by whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from usage_ledger.deciding import Aggregate
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.events import PolicyActivated, RegistryPublished
from usage_ledger.governance.governance import Governance
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.streams import deployment_stream, governance_stream, organization_stream, workspace_stream
from usage_ledger.workspaces.mode_at import Judged, judged, judged_at
from usage_ledger.workspaces.mode_sources import ModeSources
from usage_ledger.workspaces.organization import Organization
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.workspace import Workspace


class KnownFact(Protocol):
    """A stored event of one of the streams that a mode is derived from."""

    @property
    def stream_id(self) -> str: ...
    @property
    def stream_version(self) -> int: ...
    @property
    def envelope(self) -> Envelope: ...
    @property
    def payload(self) -> EventPayload: ...


F = TypeVar("F", bound=KnownFact)


class KnownFacts(NamedTuple, Generic[F]):
    """Facts of one workspace, its organization and the deployment, each stream in order, the deployment's first.

    ``is_organization_readable``: False where its stream cannot be read, and is not among the facts.
    """

    tenant: str
    workspace_id: str
    organization_id: str
    facts: Sequence[F]
    is_organization_readable: bool = True

    def blank(self) -> ModeSources:
        """Sources before any fact."""
        organization = Organization() if self.is_organization_readable else None
        return ModeSources(self.tenant, self.workspace_id, Workspace(), organization, Deployment(), Governance())


class Rules(msgspec.Struct, frozen=True):
    """What judges instead of what is in force: a policy, a registry, both or neither.

    ``registry`` None is an unavailable one.
    """

    policy: Policy | None = None
    registry: Registry | msgspec.UnsetType | None = msgspec.UNSET

    def judge(self, sources: ModeSources, instant: int) -> Judged:
        """What these rules answer from the facts that hold at the instant (microseconds UTC)."""
        today = judged_at(sources, instant)
        return today if self == IN_FORCE else self.instead_of(today)

    def instead_of(self, today: Judged) -> Judged:
        """The same facts under these rules."""
        registry = today.registry if isinstance(self.registry, msgspec.UnsetType) else self.registry
        return judged(today.facts, registry, self.policy or today.policy)


IN_FORCE: Final = Rules()


class Answered(NamedTuple, Generic[F]):
    """The answer, and the fact whose effect last changed it; ``before`` is the answer without that fact.

    The first fact of a workspace finds no answer. ``changed_at`` is when it took effect, microseconds UTC.
    """

    sources: ModeSources
    judged: Judged
    changed_by: F
    changed_at: int
    before: Judged | None


def took_effect_at(fact: KnownFact) -> int:
    """Microseconds UTC."""
    payload, recorded_at = fact.payload, fact.envelope.recorded_at
    if isinstance(payload, PolicyActivated | RegistryPublished):
        return max(recorded_at, payload.effective_from)
    return recorded_at


def answer_from(known: KnownFacts[F], instant: int, rules: Rules = IN_FORCE) -> Answered[F] | None:
    """From the facts that took effect by the instant (microseconds UTC); None if there was no workspace then.

    Of facts at one time those that come first count first: the deployment's before the tenant's.
    """
    sources = known.blank()
    folded = _by_stream(known, sources)
    changes = _Changes[F]()
    for fact in sorted((each for each in known.facts if took_effect_at(each) <= instant), key=_in_order):
        aggregate = folded[fact.stream_id]
        aggregate.apply(fact.payload, fact.envelope.recorded_at)
        aggregate.version = fact.stream_version  # events that move nothing may be left out
        if sources.workspace.version:
            changes.see(fact, rules.judge(sources, took_effect_at(fact)))
    return changes.answered(sources, rules, instant)


class _Changes(Generic[F]):
    """The last fact after which the answer was another one than before it."""

    def __init__(self) -> None:
        self._latest: Judged | None = None
        self._changed_by: tuple[F, Judged | None] | None = None

    def see(self, fact: F, answer: Judged) -> None:
        if self._latest is None or _essence(self._latest) != _essence(answer):
            self._changed_by = fact, self._latest
        self._latest = answer

    def answered(self, sources: ModeSources, rules: Rules, instant: int) -> Answered[F] | None:
        if self._changed_by is None:
            return None
        fact, before = self._changed_by
        return Answered(sources, rules.judge(sources, instant), fact, took_effect_at(fact), before)


def _by_stream(known: KnownFacts[F], sources: ModeSources) -> Mapping[str, Aggregate]:
    folded: dict[str, Aggregate] = {
        workspace_stream(known.tenant, known.workspace_id): sources.workspace,
        deployment_stream(): sources.deployment,
        governance_stream(): sources.governance,
    }
    if sources.organization is not None:
        folded[organization_stream(known.tenant, known.organization_id)] = sources.organization
    return folded


def _in_order(fact: KnownFact) -> tuple[int, int]:
    return took_effect_at(fact), fact.envelope.recorded_at


def _essence(answer: Judged) -> tuple[str, str, str | None, str]:
    """Who pays, which rung said so, who serves the model and how that was found.

    A policy or a registry under which all of that stays the same changed nothing for this workspace.
    """
    resolved = answer.resolved
    return resolved.mode, resolved.source, resolved.provider, resolved.how
