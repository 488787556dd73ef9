"""The named states: each holds where the table says, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from domain.workspaces.modes.questions import PACKAGED, asked, changed, every_policy
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import (
    ABSENT,
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    Input,
    model_input,
    runtime_input,
)
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve
from usage_ledger.workspaces.states import FrozenRun, states_of

PLATFORM_MODEL = changed(
    NO_FACTS, runtime=runtime_input("claude-code"), model=model_input("anthropic/claude-opus-4-7"), is_proxy_wired=True
)
VENDOR_MODEL = changed(
    PLATFORM_MODEL, model=model_input("kimi-for-coding"), credentials=Credentials(frozenset({"KIMI_API_KEY"}))
)
BYOK, PLATFORM, DISABLED = (Input("recognised", mode) for mode in ("byok", "platform_managed", "disabled"))


def states(given_facts, policy="P4", registry=PACKAGED, run=None):
    resolved = resolve(given_facts, registry, POLICIES[policy])
    return states_of(given_facts, registry, POLICIES[policy], resolved, run)


@pytest.mark.parametrize("given_facts", [PLATFORM_MODEL, VENDOR_MODEL])
def test_a_workspace_that_is_as_its_model_asks_has_no_state(given_facts):
    assert states(given_facts) == ()


def test_no_key_can_satisfy_byok_on_a_platform_model():
    stored = Credentials(tenant=frozenset({"ANTHROPIC_API_KEY"}))
    assert states(changed(PLATFORM_MODEL, override=BYOK, credentials=stored)) == (
        "BYOK_ON_PLATFORM_MODEL",
        "OVERRIDE_AGAINST_MODEL",
    )


def test_byok_without_an_accepted_name_says_so():
    other = Credentials(frozenset({"OPENAI_API_KEY"}))
    assert states(changed(VENDOR_MODEL, credentials=other)) == ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)
    assert states(changed(VENDOR_MODEL, credentials=UNREADABLE_CREDENTIALS)) == ()


def test_platform_mode_needs_a_wired_proxy():
    assert states(changed(PLATFORM_MODEL, is_proxy_wired=False)) == ("PLATFORM_MODE_WITHOUT_PROXY",)


def test_platform_mode_on_a_vendor_model_is_named_and_not_on_an_unlisted_one():
    assert states(changed(VENDOR_MODEL, override=PLATFORM)) == (
        "PLATFORM_MODE_ON_VENDOR_MODEL",
        "OVERRIDE_AGAINST_MODEL",
    )
    assert states(changed(VENDOR_MODEL, model=model_input("made-up"))) == ()


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "OPENAI_BASE_URL"])
def test_a_guarded_name_at_workspace_scope_beside_a_platform_model_is_named(name):
    stored = frozenset({name})
    assert states(changed(PLATFORM_MODEL, credentials=Credentials(stored))) == ("VENDOR_KEY_ON_PLATFORM_MODEL",)
    assert states(changed(PLATFORM_MODEL, credentials=Credentials(tenant=stored))) == ()
    assert states(changed(PLATFORM_MODEL, credentials=Credentials(frozenset({"DATABASE_URL"})))) == ()


@pytest.mark.parametrize(("policy", "expected"), [("P4", ()), ("P5", ("OVERRIDE_WITHOUT_EFFECT",))])
def test_an_override_that_its_policy_does_not_read_has_no_effect(policy, expected):
    assert states(changed(VENDOR_MODEL, override=DISABLED), policy) == expected


def test_an_override_that_says_what_the_model_says_has_no_effect():
    assert states(changed(VENDOR_MODEL, override=BYOK)) == ("OVERRIDE_WITHOUT_EFFECT",)
    assert states(changed(PLATFORM_MODEL, override=Input("unknown_text", "BYOK"))) == ("OVERRIDE_WITHOUT_EFFECT",)
    assert states(changed(PLATFORM_MODEL, override=UNREADABLE)) == ()


def test_an_override_is_against_its_model_also_where_no_rule_reads_it():
    assert states(changed(PLATFORM_MODEL, override=BYOK), "P5") == ("OVERRIDE_WITHOUT_EFFECT", "OVERRIDE_AGAINST_MODEL")
    assert states(changed(PLATFORM_MODEL, override=DISABLED)) == ()


@pytest.mark.parametrize("runtime", [ABSENT, runtime_input("external")])
def test_a_runtime_that_the_platform_does_not_start_fails_no_gate(runtime):
    assert states(changed(VENDOR_MODEL, runtime=runtime, is_proxy_wired=False, override=PLATFORM)) == ()
    assert states(changed(VENDOR_MODEL, runtime=runtime, credentials=Credentials(), override=BYOK)) == ()


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (None, ()),
        (FrozenRun("byok", "kimi-coding"), ()),
        (FrozenRun("disabled", "kimi-coding"), ("RESTART_PENDING",)),
        (FrozenRun("byok", "minimax"), ("RESTART_PENDING",)),
        (FrozenRun("byok", None), ("RESTART_PENDING",)),
    ],
)
def test_a_run_that_was_decided_otherwise_waits_for_a_restart(run, expected):
    assert states(VENDOR_MODEL, run=run) == expected


def test_every_state_that_holds_is_told_in_the_order_of_the_table():
    stored = Credentials(frozenset({"ANTHROPIC_API_KEY"}))
    given_facts = changed(PLATFORM_MODEL, override=BYOK, credentials=stored, is_proxy_wired=False)
    assert states(given_facts, run=FrozenRun("disabled", None)) == (
        "BYOK_ON_PLATFORM_MODEL",
        "VENDOR_KEY_ON_PLATFORM_MODEL",
        "OVERRIDE_AGAINST_MODEL",
        "RESTART_PENDING",
    )


@settings(derandomize=True, deadline=None)
@given(asked(exists=True), every_policy)
def test_the_states_of_a_run_are_the_gates_that_would_refuse_it(question, policy):
    given_facts, registry, _ = question
    run = provision(given_facts, registry, policy)
    told = states_of(given_facts, registry, policy, run.resolved, None)
    gates = {run.code, *run.also}
    assert ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL" in told) == ("missing_byok_credential" in gates)
    assert ("PLATFORM_MODE_WITHOUT_PROXY" in told) == ("missing_platform_proxy" in gates)
