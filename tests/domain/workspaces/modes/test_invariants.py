"""The invariants of billing mode that are about pure functions, each for any facts, registry and policy."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workspaces.modes import plain_reading
from domain.workspaces.modes.questions import (
    PACKAGED,
    asked,
    asked_of_a_platform_model,
    changed,
    modes,
    names_in,
)
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.registry.content import RegistryContent
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import ABSENT, Credentials, Input
from usage_ledger.workspaces.resolver.key_write import refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve
from usage_ledger.workspaces.what_if import Situation, what_if

deterministic = settings(derandomize=True, deadline=None)


def named(*policy_names: str):
    return [POLICIES[name] for name in policy_names]


ALL = list(POLICIES.values())


@pytest.mark.rule("billing-mode-14.1")
@deterministic
@given(asked())
def test_the_mode_is_one_of_the_three_and_exactly_one_rung_says_it(question):
    for policy in ALL:
        answer = resolve(question.facts, question.registry, policy)
        assert answer.mode in MODES
        assert [rung.value for rung in answer.trail if rung.decided] == [answer.mode]
        assert len(answer.trail) == len(policy.rungs) + 1


def read_again(value, kind):
    """The same, with nothing of it shared."""
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


@pytest.mark.rule("billing-mode-14.2")
@deterministic
@given(asked())
def test_the_same_facts_and_versions_answer_the_same_byte_for_byte(question):
    facts, registry, content = question
    again = None if content is None else make_registry(read_again(content, RegistryContent))
    for policy in ALL:
        repeated = resolve(read_again(facts, Facts), again, policy)
        assert msgspec.json.encode(repeated) == msgspec.json.encode(resolve(facts, registry, policy))


@pytest.mark.rule("billing-mode-14.3")
@deterministic
@given(asked(), modes)
def test_policies_without_the_rung_ignore_the_org_default(question, org_default):
    other = changed(question.facts, org_default=org_default)
    for policy in named("P2a", "P2b", "P4", "P5", "P6"):
        assert resolve(question.facts, question.registry, policy) == resolve(other, question.registry, policy)


@pytest.mark.rule("billing-mode-14.3")
@deterministic
@given(asked(), modes)
def test_p5_and_p6_also_ignore_the_override(question, override):
    other = changed(question.facts, override=override)
    for policy in named("P5", "P6"):
        assert resolve(question.facts, question.registry, policy) == resolve(other, question.registry, policy)


@pytest.mark.rule("billing-mode-14.4")
@deterministic
@given(asked_of_a_platform_model())
def test_a_platform_model_never_allows_a_guarded_name_at_workspace_scope(question):
    facts, registry, _ = question
    for policy, name in product(named("P4", "P5", "P6"), registry.vocabulary):
        after = with_key(facts, name)
        assert resolve(after, registry, policy).provider == registry.closed_provider
        assert refuse_key(name, "workspace", after, registry, policy) is not None


@pytest.mark.rule("billing-mode-14.5")
@deterministic
@given(asked(exists=True, readable=True))
def test_without_override_and_fault_the_closed_provider_alone_makes_the_platform_pay(question):
    for policy in named("P2a", "P2b", "P4"):
        answer = resolve(changed(question.facts, override=ABSENT), question.registry, policy)
        if answer.provider is not None and not answer.faults:
            assert (answer.mode == "platform_managed") == (answer.provider == question.registry.closed_provider)


@pytest.mark.rule("billing-mode-14.5")
@deterministic
@given(asked(exists=True))
def test_under_p5_the_closed_provider_makes_the_platform_pay_with_any_override(question):
    answer = resolve(question.facts, question.registry, POLICIES["P5"])
    if answer.provider is not None:
        assert (answer.mode == "platform_managed") == (answer.provider == question.registry.closed_provider)


@pytest.mark.rule("billing-mode-14.6")
@deterministic
@given(asked(readable=True), st.data())
def test_stored_names_never_change_the_mode_but_by_a_tie_between_matches(question, data):
    facts, registry, content = question
    stored = Credentials(data.draw(names_in(content)), data.draw(names_in(content)))
    for policy in named("P1", "P2a", "P2b", "P3", "P4", "P5"):
        before, after = (resolve(each, registry, policy) for each in (facts, changed(facts, credentials=stored)))
        assert before.mode == after.mode or {before.how, after.how} == {"prefix_by_credential", "ambiguous"}


@pytest.mark.rule("billing-mode-14.7")
@deterministic
@given(asked(exists=True), st.sampled_from(MODES))
def test_a_recognised_override_decides_and_the_source_says_so(question, mode):
    chosen = changed(question.facts, override=Input("recognised", mode))
    for policy in named("P1", "P2a", "P2b", "P3", "P4"):
        answer = resolve(chosen, question.registry, policy)
        assert (answer.mode, answer.source) == (mode, "workspace_override")


@pytest.mark.rule("billing-mode-14.10")
@deterministic
@given(asked())
def test_disabled_was_chosen_by_the_workspace_or_its_org(question):
    for policy in ALL:
        if resolve(question.facts, question.registry, policy).mode == "disabled":
            assert Input("recognised", "disabled") in (question.facts.override, question.facts.org_default)


@pytest.mark.rule("billing-mode-14.11")
@deterministic
@given(asked(exists=True))
def test_a_refused_run_names_the_first_failing_gate_and_also_exactly_the_rest(question):
    facts, registry, content = question
    for policy in ALL:
        run = provision(facts, registry, policy)
        failing = plain_reading.failing_gates(content, facts, policy.name)
        assert [run.code, *run.also] == (failing or [None])
        assert (run.outcome is None) == bool(failing)


@pytest.mark.rule("billing-mode-14.12")
def test_every_name_of_the_original_list_is_in_the_vocabulary():
    original = packaged_content().guarded_names.original_list
    assert len(original) == 23
    assert set(original) <= PACKAGED.vocabulary


@pytest.mark.rule("billing-mode-14.13")
@deterministic
@given(asked(exists=True))
def test_a_what_if_with_todays_facts_and_versions_is_the_live_answer(question):
    for policy in ALL:
        today = Situation(question.facts, question.registry, policy)
        answer = what_if(today, today)
        assert answer.today.resolved == answer.then.resolved == resolve(question.facts, question.registry, policy)
        assert (answer.flip, answer.starts_costing_the_platform) == (None, False)
        assert answer.today.failed_gates == answer.then.failed_gates
