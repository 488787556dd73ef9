"""What would become of workspaces under another policy, registry or fact."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workspaces.modes.questions import PACKAGED, asked, changed, every_policy
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.registry.changes import AddModels, forwards
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import Credentials, Input, model_input, runtime_input
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.what_if import Flip, Situation, WhatIfSummary, what_if

P4, P5 = POLICIES["P4"], POLICIES["P5"]
VENDOR_MODEL = changed(
    NO_FACTS,
    runtime=runtime_input("claude-code"),
    model=model_input("kimi-for-coding"),
    credentials=Credentials(frozenset({"KIMI_API_KEY"})),
    is_proxy_wired=True,
)
DISABLED = changed(VENDOR_MODEL, override=Input("recognised", "disabled"))
situations = st.builds(
    lambda question, policy: Situation(question.facts, question.registry, policy), asked(exists=True), every_policy
)


def test_another_policy_drops_the_override_and_the_mode_flips():
    answer = what_if(Situation(DISABLED, PACKAGED, P4), Situation(DISABLED, PACKAGED, P5))
    assert answer.flip == Flip("disabled", "byok")
    assert answer.flip.direction == "disabled_to_byok"
    assert not answer.starts_costing_the_platform


def test_another_registry_moves_the_payer_and_the_platform_starts_to_pay():
    added = AddModels("hermes", "platform", ("minimax/MiniMax-M2.7",))
    then = make_registry(forwards(packaged_content(), (added,), "2026-06-29"))
    given_facts = changed(VENDOR_MODEL, runtime=runtime_input("hermes"), model=model_input("minimax/MiniMax-M2.7"))
    answer = what_if(Situation(given_facts, PACKAGED, P4), Situation(given_facts, then, P4))
    assert answer.flip == Flip("byok", "platform_managed")
    assert answer.starts_costing_the_platform
    assert (answer.today.failed_gates, answer.then.failed_gates) == (("missing_byok_credential",), ())


def test_another_fact_makes_a_gate_fail_without_a_flip():
    then = changed(VENDOR_MODEL, credentials=Credentials())
    answer = what_if(Situation(VENDOR_MODEL, PACKAGED, P4), Situation(then, PACKAGED, P4))
    assert (answer.flip, answer.starts_costing_the_platform) == (None, False)
    assert (answer.today.failed_gates, answer.then.failed_gates) == ((), ("missing_byok_credential",))


def test_what_the_platform_pays_already_does_not_start_to_cost_it():
    platform = changed(VENDOR_MODEL, model=model_input("anthropic/claude-opus-4-7"))
    answer = what_if(Situation(platform, PACKAGED, P4), Situation(platform, PACKAGED, P5))
    assert answer.today.resolved.mode == "platform_managed"
    assert not answer.starts_costing_the_platform


@pytest.mark.parametrize(("today", "then"), [("byok", "disabled"), ("platform_managed", "byok")])
def test_the_way_back_costs_the_platform_nothing(today, then):
    before, after = (changed(VENDOR_MODEL, override=Input("recognised", mode)) for mode in (today, then))
    answer = what_if(Situation(before, PACKAGED, P4), Situation(after, PACKAGED, P4))
    assert (answer.flip, answer.starts_costing_the_platform) == (Flip(today, then), False)


@settings(derandomize=True, deadline=None)
@given(situations, situations)
def test_both_sides_are_what_a_run_would_be_told(today, then):
    answer = what_if(today, then)
    for side, situation in ((answer.today, today), (answer.then, then)):
        run = provision(situation.facts, situation.registry, situation.policy)
        assert (side.resolved, [*side.failed_gates]) == (run.resolved, [run.code, *run.also] if run.code else [])


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(situations, situations), max_size=4))
def test_the_summary_counts_what_the_answers_say(asked):
    answers = [what_if(today, then) for today, then in asked]
    summary = WhatIfSummary()
    for answer in answers:
        summary.add(answer)
    assert summary.workspaces == len(answers)
    assert summary.directions == Counter(answer.flip.direction for answer in answers if answer.flip)
    assert summary.failed_gates == Counter(code for answer in answers for code in answer.then.failed_gates)
    assert summary.failed_gates_today == Counter(code for answer in answers for code in answer.today.failed_gates)
    assert summary.failing_workspaces == len([answer for answer in answers if answer.then.failed_gates])
    costs = [answer for answer in answers if answer.then.resolved.mode == "platform_managed"]
    assert summary.platform_cost_starts == len([a for a in costs if a.today.resolved.mode != "platform_managed"])


def test_the_summary_does_not_grow_with_the_workspaces():
    summary = WhatIfSummary()
    answer = what_if(Situation(DISABLED, PACKAGED, P4), Situation(VENDOR_MODEL, None, P4))
    for _ in range(1_000):
        summary.add(answer)
    kept = {name: getattr(summary, name) for name in WhatIfSummary.__slots__}
    assert len(msgspec.json.encode(kept)) < 300
