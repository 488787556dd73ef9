"""Which fact made the answer: the last whose effect changed it, however long before it had been announced."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest

from usage_ledger.adapters.packaged_registry import packaged_content, packaged_registry
from usage_ledger.deployment.events import ProxyUnwired, ProxyWired
from usage_ledger.governance.events import GovernanceTookEffect, PolicyActivated, RegistryPublished
from usage_ledger.recorded_event import EventPayload
from usage_ledger.streams import deployment_stream, governance_stream, organization_stream, workspace_stream
from usage_ledger.workspaces.billing_mode import Resolution
from usage_ledger.workspaces.events import (
    BillingModeResolved,
    BillingOverrideSet,
    ModelSelected,
    OrgDefaultSet,
    WorkspaceRegistered,
)
from usage_ledger.workspaces.known_facts import IN_FORCE, KnownFacts, Rules, answer_from
from usage_ledger.workspaces.resolver.policies import POLICIES

ANY = Resolution("byok", "derived_default", None, "P4", None)


class Told(NamedTuple):
    recorded_at: int


class Fact(NamedTuple):
    stream_id: str
    envelope: Told
    payload: EventPayload
    stream_version: int = 1


def wired(at: int) -> Fact:
    return Fact(deployment_stream(), Told(at), ProxyWired("default"))


def unwired(at: int) -> Fact:
    return Fact(deployment_stream(), Told(at), ProxyUnwired("default"))


def registered(at: int) -> Fact:
    begun = WorkspaceRegistered("ws", "workspace", "codex", "default", None, ANY)
    return Fact(workspace_stream("t", "ws"), Told(at), begun)


def selected(at: int, model: str) -> Fact:
    chosen = ModelSelected("ws", model, "user", None, None, ANY)
    return Fact(workspace_stream("t", "ws"), Told(at), chosen)


def overridden(at: int, mode) -> Fact:
    chosen = BillingOverrideSet("ws", mode, None, at, "because", None, ANY)
    return Fact(workspace_stream("t", "ws"), Told(at), chosen)


def activated(at: int, policy: str, since: int) -> Fact:
    return Fact(governance_stream(), Told(at), PolicyActivated(policy, since, None, None, None, "because"))


def published(at: int, since: int) -> Fact:
    registry, content = packaged_registry(), msgspec.json.encode(packaged_content()).decode()
    event = RegistryPublished(registry.version, registry.digest, content, since, "because")
    return Fact(governance_stream(), Told(at), event)


def org_default(at: int, mode: str) -> Fact:
    return Fact(organization_stream("t", "t"), Told(at), OrgDefaultSet("t", mode, None, "because", True))


def answer(*facts: Fact, at: int, rules: Rules = IN_FORCE, is_organization_readable: bool = True):
    return answer_from(KnownFacts("t", "ws", "t", facts, is_organization_readable), at, rules)


def packaged_registry_model(*, closed: bool) -> str:
    registry = packaged_registry()
    arms = registry.runtimes["codex"].by_model
    return next(model for model, (first, *_) in arms.items() if (first == registry.closed_provider) == closed)


def test_before_a_workspace_began_there_is_no_answer():
    assert answer(wired(1), registered(5), at=4) is None


def test_the_first_answer_is_made_by_the_workspaces_beginning():
    found = answer(wired(1), registered(5), at=9)
    assert (found.changed_by, found.changed_at, found.before) == (registered(5), 5, None)
    assert found.judged.resolved.mode == "platform_managed"


def test_the_last_fact_that_changed_the_answer_is_told_and_not_the_last_fact():
    found = answer(wired(1), registered(5), overridden(6, "byok"), selected(7, "m"), unwired(8), at=9)
    assert (found.changed_by, found.judged.resolved.mode) == (overridden(6, "byok"), "byok")
    assert found.before.resolved.mode == "platform_managed"


def test_a_fact_of_the_deployment_can_be_what_changed_it():
    found = answer(wired(1), unwired(8), registered(5), at=9)
    assert (found.changed_by, found.changed_at) == (unwired(8), 8)


def test_a_fact_that_is_recorded_later_than_asked_does_not_count():
    assert answer(wired(1), unwired(8), registered(5), at=7).judged.resolved.mode == "platform_managed"


def test_an_announced_policy_changes_the_answer_when_its_time_has_come_and_not_before():
    announced = activated(6, "P5", since=20)
    facts = (wired(1), announced, registered(5), overridden(7, "byok"))
    before, after = answer(*facts, at=19), answer(*facts, at=20)
    assert (before.judged.resolved.mode, before.changed_by) == ("byok", overridden(7, "byok"))
    assert (after.judged.resolved.mode, after.changed_by, after.changed_at) == ("platform_managed", announced, 20)
    assert (after.judged.policy.name, after.before.resolved.mode) == ("P5", "byok")


def test_a_fact_after_an_announced_one_took_effect_is_the_last_again():
    facts = (wired(1), activated(2, "P5", since=20), registered(5), unwired(30))
    assert answer(*facts, at=40).changed_by == unwired(30)


def test_the_note_that_a_policy_took_effect_and_what_follows_from_it_are_not_the_cause():
    announced = activated(6, "P5", since=20)
    noted = Fact(governance_stream(), Told(21), GovernanceTookEffect(20))
    follows = Fact(
        workspace_stream("t", "ws"), Told(22), BillingModeResolved("ws", ANY, ANY, (), (), cause="the policy")
    )
    facts = (wired(1), announced, noted, registered(5), overridden(7, "byok"), follows)
    assert answer(*facts, at=30).changed_by == announced


def test_a_registry_moves_a_payer_from_its_own_time_on():
    facts = (published(6, since=20), registered(5), selected(5, packaged_registry_model(closed=True)))
    assert answer(*facts, at=19).judged.resolved.mode == "byok"
    after = answer(*facts, at=20)
    assert (after.judged.resolved.mode, after.judged.resolved.provider) == ("platform_managed", "platform")
    assert after.changed_by == published(6, since=20)


def test_a_policy_that_leaves_the_answer_as_it_was_did_not_change_it():
    found = answer(wired(1), activated(6, "P5", since=6), registered(5), at=9)
    assert (found.changed_by, found.judged.policy.name) == (registered(5), "P5")


def test_of_facts_at_one_time_the_later_one_of_a_stream_counts():
    assert answer(wired(5), unwired(5), registered(5), at=5).judged.resolved.mode == "byok"


@pytest.mark.rule("billing-mode-15.1")
def test_by_another_policy_the_cause_is_what_changed_that_answer():
    facts = (wired(1), org_default(6, "byok"), registered(5), unwired(3), wired(4))
    today, under_p3 = answer(*facts, at=9), answer(*facts, at=9, rules=Rules(POLICIES["P3"]))
    assert (today.judged.resolved.mode, today.changed_by) == ("platform_managed", registered(5))
    assert (under_p3.judged.resolved.mode, under_p3.changed_by) == ("byok", org_default(6, "byok"))


def test_by_another_registry_its_providers_are_found():
    model = packaged_registry_model(closed=True)
    found = answer(registered(5), selected(6, model), at=9, rules=Rules(registry=packaged_registry()))
    assert (found.judged.resolved.mode, found.changed_by) == ("platform_managed", selected(6, model))
    assert answer(registered(5), selected(6, model), at=9).judged.resolved.mode == "byok"


def test_by_no_registry_nothing_is_derived():
    facts = (published(1, since=1), registered(5), selected(6, packaged_registry_model(closed=True)))
    assert answer(*facts, at=9, rules=Rules(registry=None)).judged.resolved.faults == ("REGISTRY_UNAVAILABLE",)


@pytest.mark.rule("billing-mode-14.13")
def test_the_rules_in_force_named_answer_like_the_live_ones():
    facts = (wired(1), published(2, since=2), registered(5), selected(6, packaged_registry_model(closed=False)))
    named = answer(*facts, at=9, rules=Rules(POLICIES["P4"], packaged_registry()))
    assert named.judged == answer(*facts, at=9).judged


def test_an_organization_that_cannot_be_read_is_a_fault_and_not_an_absent_one():
    found = answer(registered(5), at=9, is_organization_readable=False)
    assert "CREDENTIALS_UNREADABLE" in found.judged.resolved.faults
