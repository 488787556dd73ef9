"""Whether the platform is to be paid for a workspace's calls: one pure function for live, as-of and what-if.

Only the facts, the registry and the policy that are handed to it differ. Rungs are asked in order and the first that
has an answer decides; a rung that cannot be read stops the walk; the last rung always decides (billing-mode 5).
"""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.workspaces.billing_mode import BillingMode, ModeSource, Resolution, Rung
from usage_ledger.workspaces.registry.derivation import Derivation, derive
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.faults import Fault, faults_of
from usage_ledger.workspaces.resolver.inputs import ABSENT, Input, as_mode
from usage_ledger.workspaces.resolver.policies import Default, Policy, RungName


class Resolved(msgspec.Struct, frozen=True):
    """What the rules answer, and why. ``how`` says how the provider was found, or why there is none.

    ``registry_version`` is None while the registry is unavailable.
    """

    mode: BillingMode
    source: ModeSource
    provider: str | None
    how: str
    trail: tuple[Rung, ...]
    faults: tuple[Fault, ...]
    policy: str
    registry_version: str | None

    def resolution(self) -> Resolution:
        """The part that events keep."""
        return Resolution(self.mode, self.source, self.provider, self.policy, self.registry_version)


class _Seen(msgspec.Struct, frozen=True):
    """What one rung saw. ``answer`` None lets the walk go on; ``source`` is told where it decides."""

    name: str
    state: str
    shown: str | None
    answer: BillingMode | None
    source: ModeSource


def resolve(facts: Facts, registry: Registry | None, policy: Policy) -> Resolved:
    """The mode under this policy and registry version (None: unavailable). Always one of the three."""
    if not facts.has_workspace:
        facts = msgspec.structs.replace(facts, override=ABSENT)
    derivation = derive(registry, facts.runtime, facts.model, facts.credentials)
    rungs = [_ask(rung, facts, registry, derivation, policy) for rung in policy.rungs]
    rungs.append(_last_rung(facts, policy))
    deciding = next(index for index, seen in enumerate(rungs) if seen.answer is not None)
    decided = rungs[deciding]
    return Resolved(
        mode=as_mode(decided.answer),
        source=decided.source,
        provider=derivation.provider,
        how=derivation.how,
        trail=tuple([Rung(seen.name, seen.state, seen.shown, index == deciding) for index, seen in enumerate(rungs)]),
        faults=faults_of(facts, registry, policy),
        policy=policy.name,
        registry_version=registry.version if registry else None,
    )


def _ask(rung: RungName, facts: Facts, registry: Registry | None, derivation: Derivation, policy: Policy) -> _Seen:
    if rung == "workspace_override":
        return _chosen(rung, facts.override, facts, policy)
    if rung == "org_default":
        return _chosen(rung, facts.org_default, facts, policy)
    return _derived(facts, registry, derivation, policy)


def _chosen(rung: RungName, given: Input, facts: Facts, policy: Policy) -> _Seen:
    if given.state == "unreadable":
        mode = _default(policy.on_unreadable, facts)
        return _Seen(rung, given.state, mode, mode, "constant_fallback")
    answer = as_mode(given.value) if given.state == "recognised" else None
    return _Seen(rung, given.state, given.value, answer, rung)


def _derived(facts: Facts, registry: Registry | None, derivation: Derivation, policy: Policy) -> _Seen:
    if not (facts.has_workspace or policy.derives_before_creation):
        return _no_provider("not_asked")
    provider = derivation.provider
    if registry is None or provider is None:
        return _no_provider(_NO_PROVIDER_STATES.get(derivation.how, derivation.how))
    if provider == registry.closed_provider:
        return _Seen("derived_provider", "recognised", "platform_managed", "platform_managed", "derived_provider")
    has_key = facts.credentials.has_any(registry.accepted_names[provider])
    if policy.needs_key_on_proxy and facts.is_proxy_wired and not has_key:
        return _no_provider("no_accepted_key")
    return _Seen("derived_provider", "recognised", "byok", "byok", "derived_provider")


def _no_provider(state: str) -> _Seen:
    return _Seen("derived_provider", state, None, None, "derived_provider")


def _last_rung(facts: Facts, policy: Policy) -> _Seen:
    mode = _default(policy.last_rung, facts)
    proxy = "proxy_wired" if facts.is_proxy_wired else "proxy_not_wired"
    state = proxy if policy.last_rung == "deployment_default" else "constant"
    return _Seen(policy.last_source, state, mode, mode, policy.last_source)


def _default(default: Default, facts: Facts) -> BillingMode:
    if default == "deployment_default" and not facts.is_proxy_wired:
        return "byok"
    return "platform_managed"


# The rung's word for it is older than the reasons.
_NO_PROVIDER_STATES: Final = {"registry_unavailable": "not_available"}
