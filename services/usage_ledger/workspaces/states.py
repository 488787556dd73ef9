"""The named states of a workspace (billing-mode 8). A state is a report and refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from usage_ledger.workspaces.billing_mode import BillingMode
from usage_ledger.workspaces.registry.registry import Registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import ABSENT
from usage_ledger.workspaces.resolver.policies import Policy
from usage_ledger.workspaces.resolver.provision import failing_gates
from usage_ledger.workspaces.resolver.resolve import Resolved, resolve

StateName = Literal[
    "BYOK_ON_PLATFORM_MODEL",
    "BYOK_WITHOUT_ACCEPTED_CREDENTIAL",
    "PLATFORM_MODE_WITHOUT_PROXY",
    "PLATFORM_MODE_ON_VENDOR_MODEL",
    "VENDOR_KEY_ON_PLATFORM_MODEL",
    "OVERRIDE_WITHOUT_EFFECT",
    "OVERRIDE_AGAINST_MODEL",
    "RESTART_PENDING",
]


class FrozenRun(msgspec.Struct, frozen=True, gc=False):
    """What the current run was decided to be; later facts do not alter it."""

    mode: BillingMode
    provider: str | None


def states_of(
    facts: Facts, registry: Registry | None, policy: Policy, resolved: Resolved, run: FrozenRun | None
) -> tuple[StateName, ...]:
    """Those that hold, in the order of the table. ``resolved`` is today's answer from the same facts and versions.

    ``run`` is None where nothing was started yet.
    """
    return (
        *_of_model(facts, registry, resolved),
        *_of_override(facts, registry, policy, resolved),
        *_of_run(resolved, run),
    )


def _of_model(facts: Facts, registry: Registry | None, resolved: Resolved) -> Iterator[StateName]:
    gates = set(failing_gates(facts, registry, resolved))
    on_platform_model = registry is not None and resolved.provider == registry.closed_provider
    if on_platform_model and resolved.mode == "byok":
        yield "BYOK_ON_PLATFORM_MODEL"
    if "missing_byok_credential" in gates:
        yield "BYOK_WITHOUT_ACCEPTED_CREDENTIAL"
    if "missing_platform_proxy" in gates:
        yield "PLATFORM_MODE_WITHOUT_PROXY"
    if resolved.mode == "platform_managed" and resolved.provider is not None and not on_platform_model:
        yield "PLATFORM_MODE_ON_VENDOR_MODEL"
    if registry is not None and on_platform_model and facts.credentials.workspace & registry.vocabulary:
        yield "VENDOR_KEY_ON_PLATFORM_MODEL"


def _of_override(facts: Facts, registry: Registry | None, policy: Policy, resolved: Resolved) -> Iterator[StateName]:
    """Of one that cannot be read nobody can say whether there is anything to clear: that is a fault, and no state."""
    if facts.override.value is None:
        return
    cleared = resolve(msgspec.structs.replace(facts, override=ABSENT), registry, policy)
    if cleared.mode == resolved.mode:
        yield "OVERRIDE_WITHOUT_EFFECT"
    if registry is not None and resolved.provider is not None:
        derived = "platform_managed" if resolved.provider == registry.closed_provider else "byok"
        if facts.override.value in ("platform_managed", "byok") and facts.override.value != derived:
            yield "OVERRIDE_AGAINST_MODEL"


def _of_run(resolved: Resolved, run: FrozenRun | None) -> Iterator[StateName]:
    if run is not None and (run.mode, run.provider) != (resolved.mode, resolved.provider):
        yield "RESTART_PENDING"
