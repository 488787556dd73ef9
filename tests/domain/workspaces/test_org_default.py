"""SetOrgDefault and ClearOrgDefault: accepted under every policy, with or without effect."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.workspaces.commands import ClearOrgDefault, RegisterWorkspace, SetOrgDefault
from usage_ledger.workspaces.events import OrgDefaultCleared, OrgDefaultSet

STREAM = "t1/organization-org-1"


def default(mode: str, reason: str = " one bill ", **others: object) -> SetOrgDefault:
    return msgspec.convert({"organization_id": "org-1", "mode": mode, "reason": reason, **others}, SetOrgDefault)


def test_a_default_says_that_the_policy_in_force_does_not_read_it(ledger: Rehearsal) -> None:
    answer = answer_of(ledger.when(default("byok")))
    assert ledger.events(STREAM) == [OrgDefaultSet("org-1", "byok", None, "one bill", has_effect=False)]
    assert answer == {
        "organization_id": "org-1",
        "version": 1,
        "mode": "byok",
        "previous_mode": None,
        "has_effect": False,
        "policy": "P4",
    }


@pytest.mark.parametrize(
    ("policy", "has_effect"), [("P1", True), ("P2a", False), ("P2b", False), ("P3", True), ("P5", False)]
)
def test_it_has_an_effect_where_the_policy_has_that_rung(ledger: Rehearsal, policy: str, has_effect: bool) -> None:
    ledger.given(ActivatePolicy(policy, "test", organization_id="org-1"))
    assert answer_of(ledger.when(default("byok")))["has_effect"] is has_effect
    assert answer_of(ledger.when(ClearOrgDefault("org-1", "test")))["has_effect"] is has_effect


@pytest.mark.rule("billing-mode-15.1")
def test_it_moves_the_workspaces_that_are_judged_by_it(ledger: Rehearsal) -> None:
    ledger.given(ActivatePolicy("P3", "test", organization_id="org-1"), default("disabled"))
    theirs = answer_of(ledger.when(RegisterWorkspace("a", organization_id="org-1")))
    others = answer_of(ledger.when(RegisterWorkspace("b", organization_id="org-2")))
    assert (theirs["resolved_mode"], theirs["source"]) == ("disabled", "org_default")
    assert others["resolved_mode"] == "byok"


def test_a_cleared_default_is_gone(ledger: Rehearsal) -> None:
    ledger.given(default("disabled"))
    answer = answer_of(ledger.when(ClearOrgDefault("org-1", "over")))
    assert ledger.events(STREAM)[-1] == OrgDefaultCleared("org-1", "disabled", "over", has_effect=False)
    assert (answer["mode"], answer["previous_mode"], answer["version"]) == (None, "disabled", 2)


def test_what_is_set_already_is_accepted_without_event(ledger: Rehearsal) -> None:
    ledger.given(ClearOrgDefault("org-1", "nothing there"))
    assert ledger.events(STREAM) == []
    ledger.given(default("byok"), default(" BYOK "))
    assert len(ledger.events(STREAM)) == 1


@pytest.mark.parametrize("mode", ["", "  ", "free", "platform managed"])
def test_unknown_text_is_refused_before_it_becomes_a_fact(ledger: Rehearsal, mode: str) -> None:
    assert ledger.when(default(mode)).code == "invalid_billing_mode"
    assert ledger.events(STREAM) == []


def test_an_import_brings_unknown_text_as_it_is(ledger: Rehearsal) -> None:
    ledger.given(ActivatePolicy("P3", "test", organization_id="org-1"))
    assert answer_of(ledger.when(default(" Free ", origin="import")))["mode"] == " Free "
    assert ledger.when(default(" ", origin="import")).code == "invalid_billing_mode"
    answer = answer_of(ledger.when(RegisterWorkspace("ws", organization_id="org-1")))
    assert "ORG_DEFAULT_UNRECOGNISED" in answer["faults"]


@pytest.mark.parametrize("command", [default("byok", " "), ClearOrgDefault("org-1"), ClearOrgDefault("org-1", " ")])
def test_a_reason_is_required(ledger: Rehearsal, command: msgspec.Struct) -> None:
    assert ledger.when(command).code == "missing_reason"


def test_another_version_than_expected_is_a_conflict(ledger: Rehearsal) -> None:
    ledger.given(default("byok", expected_version=0))
    assert ledger.when(default("disabled", expected_version=0)).facts == {"current_version": "1"}
    assert ledger.when(ClearOrgDefault("org-1", "over", 2)).code == "version_conflict"
    assert ledger.when(ClearOrgDefault("org-1", "over", 1)).outcome == "accepted"


def test_the_default_of_another_tenant_is_another_default(ledger: Rehearsal) -> None:
    ledger.given(default("byok"))
    assert (
        answer_of(
            ledger.when(
                default("disabled"),
            )
        )["previous_mode"]
        == "byok"
    )
    assert answer_of(ledger.when(default("disabled"), tenant="t2"))["previous_mode"] is None
