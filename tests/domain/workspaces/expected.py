"""What the resolver answers without a registry: only the override and the proxy count then."""

from __future__ import annotations

import msgspec

from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import override_input
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.resolve import Resolved
from usage_ledger.workspaces.resolver.resolve import resolve as resolve_facts

FAULTS = ("REGISTRY_UNAVAILABLE",)


def resolved(override: str | None, wired: bool) -> Resolved:
    facts = msgspec.structs.replace(NO_FACTS, override=override_input(override), is_proxy_wired=wired)
    return resolve_facts(facts, registry=None, policy=POLICIES["P4"])


def resolve(override: str | None, wired: bool) -> Resolution:
    return resolved(override, wired).resolution()
