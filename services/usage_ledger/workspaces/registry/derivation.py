"""Who serves a model on a runtime (billing-mode 4): by exact id first, then by match. No other runtime is looked at."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.inputs import Credentials, Input

How = Literal["exact", "exact_by_credential", "first_arm", "prefix", "prefix_by_credential"]
Reason = Literal[
    "registry_unavailable",
    "runtime_unreadable",
    "model_unreadable",
    "no_model",
    "unknown_runtime",
    "unknown_model",
    "ambiguous",
]


class Derivation(msgspec.Struct, frozen=True, gc=False):
    """``how`` says how the provider was found or, where it is None, why there is none."""

    provider: str | None
    how: How | Reason


def derive(registry: Registry | None, runtime: Input, model: Input, credentials: Credentials) -> Derivation:
    """The provider; ties between arms are broken by the names that are stored, at either scope."""
    if registry is None:
        return Derivation(None, "registry_unavailable")
    if runtime.state == "unreadable":
        return Derivation(None, "runtime_unreadable")
    if model.state == "unreadable":
        return Derivation(None, "model_unreadable")
    if model.value is None:
        return Derivation(None, "no_model")
    arms = registry.runtimes.get(runtime.value or "")
    if arms is None or not arms.matchers:
        return Derivation(None, "unknown_runtime")
    if listed := arms.by_model.get(model.value):
        return _by_id(listed, registry, credentials)
    lowered = model.value.lower()
    matching = tuple([arm.provider for arm in arms.matchers if arm.matches(model.value, lowered)])
    return _by_match(matching, registry, credentials)


def _by_id(listed: tuple[str, ...], registry: Registry, credentials: Credentials) -> Derivation:
    if len(listed) == 1:
        return Derivation(listed[0], "exact")
    only = _only_one_with_key(listed, registry, credentials)
    return Derivation(listed[0], "first_arm") if only is None else Derivation(only, "exact_by_credential")


def _by_match(matching: tuple[str, ...], registry: Registry, credentials: Credentials) -> Derivation:
    """The closed provider is never chosen among several by what happens to be stored."""
    if not matching:
        return Derivation(None, "unknown_model")
    if len(matching) == 1:
        return Derivation(matching[0], "prefix")
    if registry.closed_provider not in matching:
        only = _only_one_with_key(matching, registry, credentials)
        if only is not None:
            return Derivation(only, "prefix_by_credential")
    return Derivation(None, "ambiguous")


def _only_one_with_key(providers: tuple[str, ...], registry: Registry, credentials: Credentials) -> str | None:
    with_key = [provider for provider in providers if credentials.has_any(registry.accepted_names[provider])]
    return with_key[0] if len(with_key) == 1 else None
