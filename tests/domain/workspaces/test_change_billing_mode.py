"""ChangeBillingMode: who is to pay from now on, by the workspace's own choice."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import Rehearsal, answer_of
from domain.workspaces.expected import FAULTS, resolve
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace
from usage_ledger.workspaces.events import BillingOverrideCleared, BillingOverrideSet


@pytest.fixture(autouse=True)
def _registered(ledger: Rehearsal) -> None:
    ledger.given(WireProxy(), tenant="platform")
    ledger.given(RegisterWorkspace("ws"))


def change(mode: str | None, reason: str = "why", expected_version: int | None = None) -> ChangeBillingMode:
    return ChangeBillingMode("ws", mode, reason, expected_version)


def test_the_override_decides_and_the_event_shows_before_and_after(ledger: Rehearsal) -> None:
    at = ledger.now
    answer = answer_of(ledger.when(change(" byok ", " own key ")))
    before, after = resolve(None, wired=True), resolve("byok", wired=True)
    expected = BillingOverrideSet("ws", "byok", None, at, "own key", before, after, faults=FAULTS)
    assert ledger.events("t1/workspace-ws")[1:] == [expected]
    assert answer == {
        "workspace_id": "ws",
        "version": 2,
        "resolved_mode": "byok",
        "previous_mode": "platform_managed",
        "workspace_override": "byok",
        "source": "workspace_override",
        "provider_selection": None,
        "derived_by": "registry_unavailable",
        "policy": "P4",
        "registry": None,
        "model": None,
        "runtime": None,
        "rungs": [
            {"name": "workspace_override", "state": "recognised", "value": "byok", "decided": True},
            {"name": "derived_provider", "state": "not_available", "value": None, "decided": False},
            {"name": "derived_default", "state": "proxy_wired", "value": "platform_managed", "decided": False},
        ],
        "states": [],
        "faults": ["REGISTRY_UNAVAILABLE"],
    }


def test_null_clears_the_override(ledger: Rehearsal) -> None:
    ledger.given(change("disabled"))
    at = ledger.now
    answer = answer_of(ledger.when(change(None)))
    before, after = resolve("disabled", wired=True), resolve(None, wired=True)
    cleared = BillingOverrideCleared("ws", "disabled", at, "why", before, after, faults=FAULTS)
    assert ledger.events("t1/workspace-ws")[2:] == [cleared]
    assert (answer["resolved_mode"], answer["source"]) == ("platform_managed", "derived_default")
    assert [rung["decided"] for rung in answer["rungs"]] == [False, False, True]


def test_a_change_of_the_choice_names_the_choice_before(ledger: Rehearsal) -> None:
    ledger.given(change("disabled"), change("byok"))
    last = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(last, BillingOverrideSet)
    assert (last.previous, last.mode) == ("disabled", "byok")


@pytest.mark.parametrize("mode", ["byok", None])
def test_what_is_set_already_is_accepted_without_event(ledger: Rehearsal, mode: str | None) -> None:
    if mode:
        ledger.given(change(mode))
    before = ledger.events("t1/workspace-ws")
    outcome = ledger.when(change(mode))
    assert outcome.outcome == "accepted"
    assert answer_of(outcome)["version"] == len(before)
    assert ledger.events("t1/workspace-ws") == before


@pytest.mark.parametrize("mode", ["BYOK", "", " ", "free", "null"])
def test_unknown_text_is_refused_before_it_becomes_a_fact(ledger: Rehearsal, mode: str) -> None:
    assert ledger.when(change(mode)).code == "invalid_billing_mode"
    assert len(ledger.events("t1/workspace-ws")) == 1


def test_a_missing_mode_is_refused_and_does_not_clear(ledger: Rehearsal) -> None:
    command = msgspec.convert({"workspace_id": "ws", "reason": "why"}, ChangeBillingMode)
    assert ledger.when(command).code == "invalid_billing_mode"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_required(ledger: Rehearsal, reason: str) -> None:
    assert ledger.when(change("byok", reason)).code == "missing_reason"


def test_an_unknown_workspace_is_not_found(ledger: Rehearsal) -> None:
    assert ledger.when(ChangeBillingMode("other", "byok", "why")).code == "workspace_not_found"


def test_the_workspace_of_another_tenant_is_not_found(ledger: Rehearsal) -> None:
    assert ledger.when(change("byok"), tenant="t2").code == "workspace_not_found"


def test_another_version_than_expected_is_a_conflict(ledger: Rehearsal) -> None:
    outcome = ledger.when(change("byok", expected_version=2))
    assert (outcome.code, outcome.facts) == ("version_conflict", {"current_version": "1"})
    assert ledger.when(change("byok", expected_version=1)).outcome == "accepted"


def imported(mode: str | None) -> ChangeBillingMode:
    return ChangeBillingMode("ws", mode, "old state", origin="import")


def test_an_import_brings_unknown_text_which_decides_nothing_and_is_a_fault(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(imported(" Free ")))
    last = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(last, BillingOverrideSet)
    assert (last.mode, last.unknown_text, last.text) == ("UNKNOWN", "Free", "Free")
    assert (answer["workspace_override"], answer["source"]) == ("Free", "derived_default")
    assert answer["faults"] == ["OVERRIDE_UNRECOGNISED", "REGISTRY_UNAVAILABLE"]
    assert ledger.when(imported("Free")).outcome == "accepted"
    assert ledger.events("t1/workspace-ws")[-1] == last
    ledger.given(change(None))
    cleared = ledger.events("t1/workspace-ws")[-1]
    assert isinstance(cleared, BillingOverrideCleared)
    assert cleared.previous == "UNKNOWN"


@pytest.mark.parametrize("mode", ["", " "])
def test_blank_text_is_not_old_state(ledger: Rehearsal, mode: str) -> None:
    assert ledger.when(imported(mode)).code == "invalid_billing_mode"
