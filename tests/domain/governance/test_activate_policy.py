"""ActivatePolicy: which policy judges whom, and from when on (billing-mode 2, 5)."""

from __future__ import annotations

import msgspec
import pytest

from domain.given import DAY, NOON, SECOND, Given, LedgerInMemory, Then, When
from usage_ledger.deployment.commands import WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.governance.events import PolicyActivated
from usage_ledger.governance.governance import Governance
from usage_ledger.timeline import format_instant
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace, SelectModel


def activate(
    policy: str, *, at: int | None = None, ws: str | None = None, org: str | None = None, reason: str = "r"
) -> ActivatePolicy:
    return ActivatePolicy(policy, reason, at, workspace_id=ws, organization_id=org)


def judging(ledger: LedgerInMemory, instant: int = NOON, ws: str = "ws", org: str = "acme") -> str:
    return ledger.facts.governance.policy_at("acme", org, ws, instant).name


def test_with_none_activated_it_is_p4(ledger: LedgerInMemory) -> None:
    assert judging(ledger) == "P4"


def test_for_everybody_it_judges_every_tenant_at_once(ledger: LedgerInMemory, when: When, then: Then) -> None:
    when(activate("P5", reason=" no overrides "))
    assert then.happened.recorded == (
        ("platform/governance", PolicyActivated("P5", NOON, None, None, None, "no overrides")),
    )
    assert msgspec.to_builtins(then.accepted()) == {
        "policy": "P5",
        "effective_from": format_instant(NOON),
        "workspace_id": None,
        "organization_id": None,
        "standing": "in_force",
        "in_force": "P5",
        "governance_version": 1,
    }
    assert ledger.facts.governance.policy_at("other", "other", "any", NOON).name == "P5"


def test_for_an_organization_it_judges_that_of_its_tenant_alone(ledger: LedgerInMemory, when: When, then: Then) -> None:
    when(activate("P5", org="acme"))
    assert then.happened.recorded[0][1] == PolicyActivated("P5", NOON, "acme", "acme", None, "r")
    assert (then.accepted().in_force, then.accepted().organization_id) == ("P5", "acme")
    assert (judging(ledger), judging(ledger, org="lab")) == ("P5", "P4")
    assert ledger.facts.governance.policy_at("other", "acme", "ws", NOON).name == "P4"


def test_for_a_workspace_it_judges_that_one_alone(ledger: LedgerInMemory, given: Given, when: When) -> None:
    given(RegisterWorkspace("ws"))
    when(activate("P5", ws="ws"))
    assert (judging(ledger), judging(ledger, ws="other")) == ("P5", "P4")


def test_the_narrowest_scope_judges_whatever_came_later(ledger: LedgerInMemory, given: Given) -> None:
    given(RegisterWorkspace("ws"))
    given(activate("P1", ws="ws"), activate("P2a", org="acme"), activate("P3"))
    assert [judging(ledger), judging(ledger, ws="w2"), judging(ledger, org="lab", ws="w3")] == ["P1", "P2a", "P3"]


def test_the_answer_says_which_policy_judges_the_scope_now(given: Given, when: When, then: Then) -> None:
    given(RegisterWorkspace("ws"))
    given(activate("P6", org="acme"))
    when(activate("P5", ws="ws", at=NOON + DAY))
    assert (then.accepted().standing, then.accepted().in_force) == ("announced", "P6")


def test_a_later_time_announces_it(ledger: LedgerInMemory, when: When, then: Then) -> None:
    when(activate("P5", at=NOON + DAY))
    assert (then.accepted().standing, then.accepted().in_force) == ("announced", "P4")
    assert (judging(ledger, NOON + DAY - 1), judging(ledger, NOON + DAY)) == ("P4", "P5")
    assert ledger.facts.governance.next_due == NOON + DAY


def test_overlapping_announcements_take_effect_in_the_order_of_their_times(
    ledger: LedgerInMemory, given: Given
) -> None:
    given(activate("P6", at=NOON + 2 * DAY), activate("P5", at=NOON + DAY), activate("P3", at=NOON + SECOND))
    given(activate("P2b"))
    instants = (NOON, NOON + SECOND, NOON + DAY, NOON + 2 * DAY)
    assert [judging(ledger, instant) for instant in instants] == ["P2b", "P3", "P5", "P6"]


def test_an_announcement_is_taken_back_by_another_for_its_time(ledger: LedgerInMemory, given: Given) -> None:
    given(activate("P5", at=NOON + DAY), activate("P4", at=NOON + DAY))
    assert judging(ledger, NOON + DAY) == "P4"
    given(activate("P5", at=NOON + DAY))
    assert judging(ledger, NOON + DAY) == "P5"


def test_an_announcement_of_what_is_announced_for_earlier_is_kept(ledger: LedgerInMemory, given: Given) -> None:
    given(activate("P5", at=NOON + DAY), activate("P5", at=NOON + 2 * DAY))
    given(activate("P4", at=NOON + DAY))
    assert (judging(ledger, NOON + DAY), judging(ledger, NOON + 2 * DAY)) == ("P4", "P5")


@pytest.mark.parametrize("scope", [{}, {"org": "acme"}, {"ws": "ws"}], ids=["all", "organization", "workspace"])
@pytest.mark.parametrize("at", [None, NOON + DAY], ids=["now", "later"])
def test_stating_what_is_stated_is_accepted_without_event(
    given: Given, when: When, then: Then, scope: dict[str, str], at: int | None
) -> None:
    given(RegisterWorkspace("ws"))
    given(activate("P5", at=at, **scope))
    when(activate("P5", at=at, **scope))
    assert (then.accepted().governance_version, then.happened.recorded) == (1, ())


def test_p4_for_everybody_is_what_holds_where_nothing_was_activated(when: When, then: Then) -> None:
    when(activate("P4"))
    assert (then.accepted().in_force, then.happened.recorded) == ("P4", ())


def test_the_same_policy_for_a_narrower_scope_is_a_fact_of_its_own(
    ledger: LedgerInMemory, given: Given, when: When, then: Then
) -> None:
    given(RegisterWorkspace("ws"))
    when(activate("P4", ws="ws"))
    assert len(then.happened.recorded) == 1
    given(activate("P5"))
    assert (judging(ledger), judging(ledger, ws="w2")) == ("P4", "P5")


def test_an_unknown_policy_is_refused(when: When, then: Then) -> None:
    when(activate("P7"))
    then.refused("unknown_policy")


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_required(when: When, then: Then, reason: str) -> None:
    when(activate("P5", reason=reason))
    then.refused("missing_reason")


def test_a_workspace_that_is_named_exists(given: Given, when: When, then: Then) -> None:
    given(RegisterWorkspace("ws"), tenant="other")
    when(activate("P5", ws="ws"))
    then.refused("workspace_not_found")


def test_a_scope_is_one_thing(when: When, then: Then) -> None:
    when(activate("P5", ws="ws", org="acme"))
    then.invalid("invalid_value", "/scope")


def test_nothing_is_back_dated(when: When, then: Then) -> None:
    when(activate("P5", at=NOON - 1))
    then.refused("effective_from_in_past")
    when(activate("P5", at=NOON * 1_000))
    then.refused("effective_from_too_far")


def test_another_version_than_expected_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(activate("P5"))
    when(ActivatePolicy("P6", "r", expected_version=2))
    assert then.refused("version_conflict") == {"current_version": "1"}


@pytest.mark.rule("billing-mode-15.12")
def test_a_policy_without_the_rung_moves_those_who_used_it_from_its_time_on(
    given: Given, when: When, then: Then
) -> None:
    given(WireProxy(), tenant="platform")
    given(RegisterWorkspace("ws"), ChangeBillingMode("ws", "byok", "own key"))
    given(activate("P5", at=NOON + DAY))
    when(SelectModel("ws", "m1"), at=NOON + DAY - 1)
    assert (then.accepted().resolved_mode, then.accepted().policy) == ("byok", "P4")
    when(SelectModel("ws", "m2"), at=NOON + DAY)
    answer = then.accepted()
    assert (answer.previous_mode, answer.resolved_mode, answer.policy) == ("platform_managed", "platform_managed", "P5")


def test_governance_comes_back_from_its_snapshot_whole(ledger: LedgerInMemory, given: Given) -> None:
    given(RegisterWorkspace("ws"))
    given(activate("P6", at=NOON + DAY), activate("P5"), activate("P1", ws="ws"), activate("P3", org="acme"))
    seen = ledger.facts.governance
    restored = Governance.restore(seen.snapshot(), seen.version)
    assert (restored.snapshot(), restored.next_due) == (seen.snapshot(), NOON + DAY)
    for workspace, organization in (("ws", "acme"), ("w2", "acme"), ("w3", "lab")):
        for instant in (NOON, NOON + DAY):
            args = "acme", organization, workspace, instant
            assert restored.policy_at(*args).name == seen.policy_at(*args).name
