"""The guard of vendor keys (billing-mode 6): whether a credential name may be stored, by the policy's guard.

It is asked on the state that the whole command would leave: the facts hold the new name already.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.workspaces.registry.derivation import derive
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import CredentialScope, credential_name
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.resolver.resolve import resolve

KeyRule = Literal[
    "registry_unavailable",
    "model_underivable",
    "platform_model",
    "override_unreadable",
    "override_platform_managed",
    "mode_platform_managed",
]


class KeyRefused(msgspec.Struct, frozen=True):
    """``rule`` says which step of the guard refused; a reserved name is refused before any guard is asked."""

    code: Literal["reserved_credential_name", "vendor_key_refused"]
    rule: KeyRule | None = None


def refuse_key(
    name: str, scope: CredentialScope, facts: Facts, registry: Registry | None, policy: Policy
) -> KeyRefused | None:
    """None allows the name. Removing a name is never asked.

    While the registry is unavailable nobody knows which names are reserved: every name is guarded then.
    """
    text = credential_name(name)
    if registry is not None and text in registry.reserved:
        return KeyRefused("reserved_credential_name")
    if scope == "tenant":
        return None
    if registry is not None and text not in registry.vocabulary:
        return None
    rule = _rule_of_mode(facts, registry, policy) if policy.guard == "mode" else _rule_of_model(facts, registry, policy)
    return None if rule is None else KeyRefused("vendor_key_refused", rule)


def with_key(facts: Facts, name: str) -> Facts:
    """The state that storing the name at workspace scope would leave."""
    stored = facts.credentials
    credentials = stored.with_names("workspace", stored.workspace | {credential_name(name)})
    return msgspec.structs.replace(facts, credentials=credentials)


def _rule_of_mode(facts: Facts, registry: Registry | None, policy: Policy) -> KeyRule | None:
    """As it was, for faithful replays: an org default can open a platform model to vendor keys."""
    return "mode_platform_managed" if resolve(facts, registry, policy).mode == "platform_managed" else None


def _rule_of_model(facts: Facts, registry: Registry | None, policy: Policy) -> KeyRule | None:
    """A platform model is refused without reading the override."""
    if registry is None:
        return "registry_unavailable"
    provider = derive(registry, facts.runtime, facts.model, facts.credentials).provider
    if provider is None:
        return "model_underivable"
    if provider == registry.closed_provider:
        return "platform_model"
    return _rule_of_override(facts) if policy.guard == "model_first" else None


def _rule_of_override(facts: Facts) -> KeyRule | None:
    if facts.override.state == "unreadable":
        return "override_unreadable"
    if facts.override.state == "recognised" and facts.override.value == "platform_managed":
        return "override_platform_managed"
    return None
