"""What a run would start as (billing-mode 8): one resolution, then the gates in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.resolver.resolve import Resolved, resolve

Outcome = Literal[
    "started_on_proxy",
    "started_on_proxy_unlisted_model",
    "started_direct",
    "started_without_llm",
    "decision_only",
]
GateCode = Literal[
    "credentials_unreadable",
    "byok_on_platform_model",
    "missing_byok_credential",
    "missing_platform_proxy",
    "model_unreadable",
    "missing_model",
]


class Provision(msgspec.Struct, frozen=True):
    """``outcome`` is None where a gate failed: ``code`` is the first in order, ``also`` the rest.

    ``withheld`` are the names, of both scopes, that the run must not see.
    """

    resolved: Resolved
    outcome: Outcome | None
    code: GateCode | None
    also: tuple[GateCode, ...]
    withheld: frozenset[str]


def provision(facts: Facts, registry: Registry | None, policy: Policy) -> Provision:
    """What DecideProvision would decide from these facts; nothing is recorded."""
    resolved = resolve(facts, registry, policy)
    failed = tuple(failing_gates(facts, registry, resolved))
    if failed:
        return Provision(resolved, None, failed[0], failed[1:], frozenset())
    return Provision(
        resolved, outcome_of(facts, registry, resolved), None, (), withheld_from(facts, registry, resolved)
    )


def failing_gates(facts: Facts, registry: Registry | None, resolved: Resolved) -> Iterator[GateCode]:
    """In order. A disabled workspace needs neither key nor proxy nor model; an unmanaged runtime asks for nothing."""
    if is_unmanaged(facts, registry):
        return
    if not facts.credentials.is_readable:
        yield "credentials_unreadable"
    if resolved.mode == "disabled":
        return
    if resolved.mode == "byok" and is_platform_model(registry, resolved):
        yield "byok_on_platform_model"
    elif resolved.mode == "byok" and facts.credentials.is_readable and not has_accepted_key(facts, registry, resolved):
        yield "missing_byok_credential"
    if resolved.mode == "platform_managed" and not facts.is_proxy_wired:
        yield "missing_platform_proxy"
    if facts.model.state == "unreadable":
        yield "model_unreadable"
    elif facts.model.state == "absent":
        yield "missing_model"


def has_accepted_key(facts: Facts, registry: Registry | None, resolved: Resolved) -> bool:
    """One name that the provider accepts; without a provider, one that any but the closed provider accepts."""
    if registry is None:
        return bool(facts.credentials.available())
    if resolved.provider is not None:
        return facts.credentials.has_any(registry.accepted_names[resolved.provider])
    return facts.credentials.has_any(frozenset[str]().union(*registry.accepted_names.values()) - registry.reserved)


def outcome_of(facts: Facts, registry: Registry | None, resolved: Resolved) -> Outcome:
    """Of a run that no gate refuses."""
    if is_unmanaged(facts, registry):
        return "decision_only"
    if resolved.mode == "disabled":
        return "started_without_llm"
    if resolved.mode == "byok":
        return "started_direct"
    return "started_on_proxy" if is_platform_model(registry, resolved) else "started_on_proxy_unlisted_model"


def withheld_from(facts: Facts, registry: Registry | None, resolved: Resolved) -> frozenset[str]:
    """Of the customer's own run only what the org stored for another provider; of any other run every guarded name.

    Names are withheld by name, so one that the workspace stores as well stays.
    """
    if resolved.mode != "byok":
        available = facts.credentials.available()
        return available if registry is None else available & registry.vocabulary
    if registry is None or resolved.provider is None:
        return frozenset()
    stored = facts.credentials
    return (stored.tenant & registry.vocabulary) - registry.accepted_names[resolved.provider] - stored.workspace


def is_unmanaged(facts: Facts, registry: Registry | None) -> bool:
    """Not started by the platform, so there is nothing to keep from starting."""
    if facts.runtime.state == "absent":
        return True
    return registry is not None and facts.runtime.value in registry.unmanaged_runtimes


def is_platform_model(registry: Registry | None, resolved: Resolved) -> bool:
    return registry is not None and resolved.provider == registry.closed_provider
