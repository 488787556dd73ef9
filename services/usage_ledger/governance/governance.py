"""Which policy and which registry version judge a workspace at an instant (billing-mode 2, 4)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from usage_ledger.governance.events import GovernanceTookEffect, PolicyActivated, RegistryPublished
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import END, Timeline
from usage_ledger.workspaces.billing_mode import POLICY
from usage_ledger.workspaces.registry.content import read_content
from usage_ledger.workspaces.registry.registry import Registry, registry_in_force
from usage_ledger.workspaces.resolver.policies import POLICIES, Policy

EVERYBODY: Final = ("", "", "")
"""The scope of a policy that judges all workspaces of all tenants."""

_REMEMBERED: Final = 32

Scope = tuple[str, str, str]
"""Tenant, organization and workspace; empty text is no limit."""


class Governance:
    """State of the governance stream, one of the facts that every shard reads. Times are microseconds UTC.

    ``registry`` None is an unavailable one. ``published`` are all versions there ever were, by their labels.
    """

    __slots__ = ("_announced", "_policies", "published", "registry", "version")

    def __init__(self) -> None:
        self.version = 0
        self.registry: Timeline[Registry | None] = Timeline(None)
        self.published: dict[str, RegistryPublished] = {}
        self._policies: dict[Scope, Timeline[Policy | None]] = {EVERYBODY: Timeline(POLICIES[POLICY])}
        self._announced: list[int] = []

    @property
    def next_due(self) -> int:
        """When the next announced fact takes effect; ``END`` if none is announced."""
        return self._announced[0] if self._announced else END

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case PolicyActivated():
                self._activate(_scope_of(payload), payload.effective_from, payload.policy)
                self._announce(payload.effective_from, recorded_at)
            case RegistryPublished():
                self._publish(payload)
                self._announce(payload.effective_from, recorded_at)
            case GovernanceTookEffect():
                self._announced = [at for at in self._announced if at > payload.effective_from]
            case _:
                pass

    def policy_at(self, tenant: str, organization_id: str, workspace_id: str, instant: int) -> Policy:
        """The latest activation for the narrowest scope; P4 where nothing was activated."""
        for timeline in self.policies_of(tenant, organization_id, workspace_id):
            policy = timeline.at(instant)
            if policy is not None:
                return policy
        return POLICIES[POLICY]

    def policies_of(self, tenant: str, organization_id: str, workspace_id: str) -> list[Timeline[Policy | None]]:
        """The activations that may judge the workspace, the narrowest scope first."""
        known = self._policies
        if len(known) == 1:
            return [known[EVERYBODY]]
        scopes = ((tenant, "", workspace_id), (tenant, organization_id, ""), EVERYBODY)
        return [known[scope] for scope in scopes if scope in known]

    def activations(self, scope: Scope) -> Timeline[Policy | None]:
        """What was activated for exactly this scope; None before the first. Not to be changed."""
        return self._policies.get(scope) or Timeline(None)

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        policies = [
            (scope, [(since, policy.name if policy else None) for since, policy in timeline.changes()])
            for scope, timeline in self._policies.items()
        ]
        return msgspec.msgpack.encode(_State(list(self.published.values()), policies, self._announced))

    @classmethod
    def restore(cls, state: bytes, version: int) -> Governance:
        """What ``snapshot`` saw."""
        seen = msgspec.msgpack.decode(state, type=_State)
        governance = cls()
        governance.version = version
        for published in seen.published:
            governance._publish(published)
        for scope, changes in seen.policies:
            for since, name in changes:
                governance._activate(scope, since, name or POLICY)
        governance._announced = seen.announced
        return governance

    def _activate(self, scope: Scope, since: int, name: str) -> None:
        self._policies.setdefault(scope, Timeline(None)).announce(since, POLICIES[name])

    def _publish(self, published: RegistryPublished) -> None:
        self.published[published.version] = published
        self.registry.announce(published.effective_from, registry_of(published))

    def _announce(self, effective_from: int, recorded_at: int) -> None:
        if effective_from > recorded_at:
            self._announced = sorted({*self._announced, effective_from})


class _State(msgspec.Struct, array_like=True):
    published: list[RegistryPublished]
    policies: list[tuple[Scope, list[tuple[int, str | None]]]]
    announced: list[int]


def _scope_of(activated: PolicyActivated) -> Scope:
    if activated.scope_tenant is None:
        return EVERYBODY
    return activated.scope_tenant, activated.organization_id or "", activated.workspace_id or ""


def registry_of(published: RegistryPublished) -> Registry | None:
    """Content that cannot be read, has a defect, or is not what the digest was made of is no registry."""
    return _registry(published.content, published.digest)


@lru_cache(maxsize=_REMEMBERED)
def _registry(text: str, digest: str) -> Registry | None:
    """Questions fold the published versions again and again; making one ready costs a thousand look-ups."""
    try:
        content = read_content(text.encode())
    except msgspec.MsgspecError:
        return None
    return registry_in_force(content, digest)
