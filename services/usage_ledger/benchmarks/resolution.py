"""What resolving a billing mode costs, by what there is to find; under P4, with the packaged registry."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import Final

import msgspec

from usage_ledger.adapters.packaged_registry import packaged_registry
from usage_ledger.benchmarks.cpu_cost import cpu_costs
from usage_ledger.benchmarks.machine import machine
from usage_ledger.workspaces.resolver.facts import NO_FACTS, Facts
from usage_ledger.workspaces.resolver.inputs import Credentials, model_input, override_input, runtime_input
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.resolve import resolve


def _facts(model: str, override: str | None = None) -> Facts:
    """On the runtime with the most arms, so that a model that is on no menu is compared with the most."""
    return msgspec.structs.replace(
        NO_FACTS,
        override=override_input(override),
        runtime=runtime_input("hermes"),
        model=model_input(model),
        credentials=Credentials(frozenset({"ANTHROPIC_API_KEY"}), frozenset({"HF_TOKEN"})),
        is_proxy_wired=True,
    )


ASKED: Final = {
    "exact": _facts("moonshot/kimi-k2.6"),
    "prefix": _facts("anthropic/claude-sonnet-4-6"),
    "with override": _facts("moonshot/kimi-k2.6", "byok"),
    "underivable": _facts("made-up"),
}
"""What there is to find, by what it is called in the answer."""


def measure_resolution(seconds: float) -> dict[str, object]:
    """CPU µs a resolution by what there is to find; ``total`` is the slowest of them."""
    registry, policy = packaged_registry(), POLICIES["P4"]
    costs = cpu_costs({name: partial(resolve, facts, registry, policy) for name, facts in ASKED.items()}, seconds)
    slowest = max(costs.us.values())
    return {
        "bench": "resolution",
        "version": version("usage-ledger"),
        "seconds": seconds,
        "items": costs.runs,
        "items_per_s": round(1e6 / slowest),
        "cpu_us_per_item": {"total": slowest, **costs.us},
        "machine": machine(),
    }
