"""The resolver: the first rung that has an answer decides, and the last one always does."""

from __future__ import annotations

import pytest

from domain.workspaces.expected import resolve, resolved
from usage_ledger.workspaces.billing_mode import MODES, BillingMode


@pytest.mark.parametrize(
    ("override", "wired", "mode", "source"),
    [
        (None, True, "platform_managed", "derived_default"),
        (None, False, "byok", "derived_default"),
        ("platform_managed", False, "platform_managed", "workspace_override"),
        ("byok", True, "byok", "workspace_override"),
        ("disabled", True, "disabled", "workspace_override"),
        ("disabled", False, "disabled", "workspace_override"),
    ],
)
def test_an_override_decides_before_the_deployments_default(
    override: BillingMode | None, wired: bool, mode: str, source: str
) -> None:
    resolution = resolve(override, wired)
    assert (resolution.mode, resolution.source) == (mode, source)
    assert (resolution.policy, resolution.provider, resolution.registry_version) == ("P4", None, None)


@pytest.mark.parametrize("override", [None, *MODES])
@pytest.mark.parametrize("wired", [True, False])
def test_exactly_one_rung_decides_and_it_says_the_mode(override: BillingMode | None, wired: bool) -> None:
    rungs = resolved(override, wired).trail
    assert [rung.name for rung in rungs] == ["workspace_override", "derived_provider", "derived_default"]
    (decided,) = [rung for rung in rungs if rung.decided]
    resolution = resolve(override, wired)
    assert (decided.value, decided.name) == (resolution.mode, resolution.source)


@pytest.mark.parametrize("wired", [True, False])
def test_disabled_is_only_ever_chosen(wired: bool) -> None:
    assert resolve(None, wired).mode != "disabled"


def test_the_provider_rung_stays_visible_while_there_is_no_registry() -> None:
    answer = resolved(None, True)
    assert (answer.trail[1].state, answer.trail[1].value) == ("not_available", None)
    assert (answer.how, answer.faults) == ("registry_unavailable", ("REGISTRY_UNAVAILABLE",))
