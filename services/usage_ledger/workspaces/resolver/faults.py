"""What was wrong with the inputs of a decision. A fault never prevents one (billing-mode 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.policies import Policy

Fault = Literal[
    "OVERRIDE_UNRECOGNISED",
    "OVERRIDE_UNREADABLE",
    "ORG_DEFAULT_UNRECOGNISED",
    "ORG_DEFAULT_UNREADABLE",
    "MODEL_UNREADABLE",
    "RUNTIME_UNREADABLE",
    "CREDENTIALS_UNREADABLE",
    "REGISTRY_UNAVAILABLE",
]


def faults_of(facts: Facts, registry: Registry | None, policy: Policy) -> tuple[Fault, ...]:
    """In the order of the inputs. Of override and org default only where the policy has that rung."""
    return (*_of_override(facts, policy), *_of_org_default(facts, policy), *_of_derivation(facts, registry))


def _of_override(facts: Facts, policy: Policy) -> Iterator[Fault]:
    if "workspace_override" in policy.rungs:
        if facts.override.state == "unknown_text":
            yield "OVERRIDE_UNRECOGNISED"
        elif facts.override.state == "unreadable":
            yield "OVERRIDE_UNREADABLE"


def _of_org_default(facts: Facts, policy: Policy) -> Iterator[Fault]:
    if "org_default" in policy.rungs:
        if facts.org_default.state == "unknown_text":
            yield "ORG_DEFAULT_UNRECOGNISED"
        elif facts.org_default.state == "unreadable":
            yield "ORG_DEFAULT_UNREADABLE"


def _of_derivation(facts: Facts, registry: Registry | None) -> Iterator[Fault]:
    if facts.model.state == "unreadable":
        yield "MODEL_UNREADABLE"
    if facts.runtime.state == "unreadable":
        yield "RUNTIME_UNREADABLE"
    if not facts.credentials.is_readable:
        yield "CREDENTIALS_UNREADABLE"
    if registry is None:
        yield "REGISTRY_UNAVAILABLE"
