"""ResolveBillingModes: a workspace that nobody asks for is told when a fact about many has moved its answer."""

from __future__ import annotations

import pytest

from domain.given import DAY, NOON, SECOND, Given, LedgerInMemory, Then, When
from domain.governance.registries import publish
from domain.workspaces.stored import FINGERPRINT, VENDOR, named
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    DecideProvision,
    RegisterWorkspace,
    RemoveCredentialName,
    ResolveBillingModes,
)
from usage_ledger.workspaces.events import BillingModeResolved, CredentialNameAdded
from usage_ledger.workspaces.workspace import Workspace


@pytest.fixture(autouse=True)
def _registered(given: Given) -> None:
    given(RegisterWorkspace("ws"), RegisterWorkspace("other"))


def resolve(*workspaces: str, since: int = NOON) -> ResolveBillingModes:
    return ResolveBillingModes(workspaces, "cause-1", since)


def test_one_whose_answer_has_moved_is_told_before_and_after_and_why(
    ledger: LedgerInMemory, given: Given, when: When, then: Then
) -> None:
    given(WireProxy(), tenant="platform")
    when(resolve("ws"))
    ((stream, resolved),) = then.happened.recorded
    assert isinstance(resolved, BillingModeResolved)
    assert (stream, resolved.cause) == ("acme/workspace-ws", "cause-1")
    assert resolved.before is not None
    assert (resolved.before.mode, resolved.after.mode) == ("byok", "platform_managed")
    assert (then.accepted().asked, then.accepted().changed) == (1, 1)


def test_one_whose_answer_is_what_it_was_is_not_told(when: When, then: Then) -> None:
    when(resolve("ws", "other"))
    assert then.happened.recorded == ()
    assert (then.accepted().asked, then.accepted().changed) == (2, 0)


def test_told_once_it_is_not_told_again(given: Given, when: When, then: Then) -> None:
    given(WireProxy(), tenant="platform")
    given(resolve("ws"))
    when(resolve("ws"))
    assert then.happened.recorded == ()


def test_back_and_forth_before_anybody_looked_is_no_change(given: Given, when: When, then: Then) -> None:
    given(WireProxy(), UnwireProxy(), tenant="platform")
    when(resolve("ws"))
    assert then.happened.recorded == ()


def test_one_that_said_so_itself_meanwhile_is_not_told(given: Given, when: When, then: Then) -> None:
    given(WireProxy(), tenant="platform")
    given(ChangeBillingMode("ws", "disabled", "meanwhile"))
    when(resolve("ws"))
    assert then.happened.recorded == ()


def test_states_and_faults_that_have_changed_are_told_where_the_mode_has_not(
    given: Given, when: When, then: Then
) -> None:
    given(RegisterWorkspace("managed", runtime="claude-code", model="anthropic/claude-sonnet-4-6"))
    given(ChangeBillingMode("managed", "platform_managed", "mine"))
    given(publish())
    when(resolve("managed"))
    ((_, readable),) = then.happened.recorded
    assert isinstance(readable, BillingModeResolved)
    assert (readable.faults, readable.states) == ((), ("PLATFORM_MODE_WITHOUT_PROXY", "OVERRIDE_WITHOUT_EFFECT"))
    given(WireProxy(), tenant="platform")
    when(resolve("managed"))
    ((_, wired),) = then.happened.recorded
    assert isinstance(wired, BillingModeResolved)
    assert (wired.before, wired.states) == (wired.after, ("OVERRIDE_WITHOUT_EFFECT",))


def test_a_clock_that_is_behind_does_not_miss_the_fact(given: Given, when: When, then: Then) -> None:
    given(ActivatePolicy("P1", "r", NOON + DAY))
    when(resolve("ws", since=NOON))
    assert then.happened.recorded == ()
    when(resolve("ws", since=NOON + DAY))
    ((_, resolved),) = then.happened.recorded
    assert isinstance(resolved, BillingModeResolved)
    assert (resolved.after.policy, resolved.after.mode) == ("P1", "platform_managed")


def test_what_is_not_registered_stays_so(ledger: LedgerInMemory, given: Given, when: When, then: Then) -> None:
    given(WireProxy(), tenant="platform")
    when(resolve("nobody", "ws"))
    assert [stream for stream, _ in then.happened.recorded] == ["acme/workspace-ws"]
    assert ledger.get(Workspace, "acme/workspace-nobody").version == 0


@pytest.mark.rule("billing-mode-15.12")
def test_a_policy_that_drops_the_override_is_told_to_those_who_had_one(given: Given, when: When, then: Then) -> None:
    given(WireProxy(), tenant="platform")
    given(ChangeBillingMode("ws", "byok", "own key"), resolve("other"))
    given(ActivatePolicy("P5", "r"))
    when(resolve("ws", "other"))
    modes = {stream: (event.before.mode, event.after.mode) for stream, event in then.happened.recorded}  # type: ignore[union-attr]
    assert modes == {
        "acme/workspace-ws": ("byok", "platform_managed"),
        "acme/workspace-other": ("platform_managed", "platform_managed"),
    }


def test_back_to_what_it_was_before_a_run_was_decided_meanwhile_is_told(given: Given, when: When, then: Then) -> None:
    """Whoever reads events took the run's frozen answer for the workspace's."""
    given(ActivatePolicy("P5", "an experiment"), tenant="platform")
    given(DecideProvision("ws", "r1"), at=NOON + SECOND)
    given(ActivatePolicy("P4", "it is over"), tenant="platform")
    when(resolve("ws"))
    resolved = then.recorded(BillingModeResolved)
    assert resolved.before is not None
    assert (resolved.before.policy, resolved.after.policy) == ("P5", "P4")


def test_what_a_name_of_the_organization_makes_of_the_workspace_that_it_came_through_is_told_both_ways(
    given: Given, when: When, then: Then
) -> None:
    """Readers take the answer from that name's event, so when another workspace takes it away, that is told too."""
    given(publish(), WireProxy(), tenant="platform")
    vendor = RegisterWorkspace("vendor", runtime="claude-code", model=VENDOR, credentials=named("KIMI_API_KEY"))
    given(vendor, RemoveCredentialName("vendor", "KIMI_API_KEY"))
    when(AddCredentialName("vendor", "KIMI_API_KEY", FINGERPRINT, "tenant"))
    added, resolved = then.recorded(CredentialNameAdded, BillingModeResolved)
    assert (resolved.workspace_id, resolved.states, resolved.after) == ("vendor", added.states, added.after)
    given(RemoveCredentialName("other", "KIMI_API_KEY", "tenant"))
    when(resolve("vendor"))
    assert then.recorded(BillingModeResolved).states == ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)
