"""Whether the resolver answers a row as it expects, in the words of the table."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.adapters.packaged_registry import packaged_registry
from usage_ledger.scenarios.difference import Difference, Unexpected, expect
from usage_ledger.scenarios.modes.mode_case import ModeCase
from usage_ledger.workspaces.registry.derivation import derive
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.key_write import KeyRefused, refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES, Policy
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve

NOT_APPLICABLE: Final = "not_applicable"


def judge(case: ModeCase) -> Difference | None:
    """The first difference; None: the row holds. All rows are about the packaged registry version."""
    registry = packaged_registry() if case.has_registry else None
    try:
        expect("inputs", case.states, _states(case.facts))
        derivation = derive(registry, case.facts.runtime, case.facts.model, case.facts.credentials)
        expect("provider", case.provider, derivation.provider or "none")
        for name, expected in case.expected.items():
            expect(name, expected, answers(case.facts, registry, POLICIES[name]))
    except Unexpected as unexpected:
        return unexpected.difference
    return None


def answers(facts: Facts, registry: Registry | None, policy: Policy) -> dict[str, Any]:
    """What is asked of a row under one policy. Before there is a workspace nothing can be stored or started."""
    resolved = resolve(facts, registry, policy)
    if not facts.has_workspace:
        later = {"key_write": NOT_APPLICABLE, "provision": NOT_APPLICABLE}
    else:
        run = provision(facts, registry, policy)
        later = {"key_write": _key_write(facts, registry, policy), "provision": run.outcome or (run.code or "").upper()}
    return {"mode": resolved.mode, "source": resolved.source, **later}


def _key_write(facts: Facts, registry: Registry | None, policy: Policy) -> str:
    """Of every guarded name that is not reserved; they are answered alike, or the row has no one answer."""
    known = packaged_registry()
    names = sorted(known.vocabulary - known.reserved)
    told = {_told(refuse_key(name, "workspace", with_key(facts, name), registry, policy)) for name in names}
    return " or ".join(sorted(told))


def _told(refused: KeyRefused | None) -> str:
    return "allowed" if refused is None else "refused"


def _states(facts: Facts) -> dict[str, str]:
    return {"override": facts.override.state, "org_default": facts.org_default.state}
