"""What may be stored, what a run starts as, and what is withheld from it."""

from __future__ import annotations

import pytest

from domain.workspaces.modes.questions import PACKAGED, TIED, changed
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import (
    ABSENT,
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    Input,
    model_input,
    org_default_input,
    runtime_input,
)
from usage_ledger.workspaces.resolver.key_write import KeyRefused, refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision

PLATFORM_MODEL = changed(
    NO_FACTS,
    runtime=runtime_input("claude-code"),
    model=model_input("anthropic/claude-opus-4-7"),
    is_proxy_wired=True,
)
VENDOR_MODEL = changed(PLATFORM_MODEL, model=model_input("kimi-for-coding"))
BYOK, PLATFORM, DISABLED = (Input("recognised", mode) for mode in ("byok", "platform_managed", "disabled"))


def refused(facts, policy="P4", name="KIMI_API_KEY", scope="workspace", registry=PACKAGED):
    return refuse_key(name, scope, with_key(facts, name), registry, POLICIES[policy])


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (changed(VENDOR_MODEL, model=ABSENT), "model_underivable"),
        (PLATFORM_MODEL, "platform_model"),
        (changed(PLATFORM_MODEL, override=BYOK), "platform_model"),
        (changed(PLATFORM_MODEL, override=UNREADABLE), "platform_model"),
        (changed(VENDOR_MODEL, override=UNREADABLE), "override_unreadable"),
        (changed(VENDOR_MODEL, override=PLATFORM), "override_platform_managed"),
    ],
)
def test_p4_asks_the_model_before_the_override(facts, rule):
    assert refused(facts) == KeyRefused("vendor_key_refused", rule)


@pytest.mark.parametrize("override", [ABSENT, BYOK, DISABLED, Input("unknown_text", "platform_managedd")])
def test_p4_allows_the_key_of_a_vendor_model(override):
    assert refused(changed(VENDOR_MODEL, override=override)) is None


@pytest.mark.parametrize("policy", ["P5", "P6"])
def test_p5_and_p6_ask_the_model_alone(policy):
    assert refused(changed(VENDOR_MODEL, override=PLATFORM), policy) is None
    assert refused(PLATFORM_MODEL, policy) == KeyRefused("vendor_key_refused", "platform_model")


@pytest.mark.parametrize("policy", ["P1", "P3"])
def test_the_mode_guard_follows_the_org_default(policy):
    opened = changed(PLATFORM_MODEL, org_default=org_default_input("byok"))
    assert refused(opened, policy) is None
    closed = changed(VENDOR_MODEL, org_default=org_default_input("platform_managed"))
    assert refused(closed, policy) == KeyRefused("vendor_key_refused", "mode_platform_managed")


@pytest.mark.parametrize("scope", ["workspace", "tenant"])
@pytest.mark.parametrize("name", ["MOLECULE_LLM_USAGE_TOKEN", " molecule_llm_usage_token "])
def test_a_reserved_name_is_refused_in_any_scope(scope, name):
    assert refused(VENDOR_MODEL, name=name, scope=scope) == KeyRefused("reserved_credential_name")


def test_a_name_of_tenant_scope_and_one_outside_the_vocabulary_are_allowed():
    assert refused(PLATFORM_MODEL, scope="tenant") is None
    assert refused(PLATFORM_MODEL, name="DATABASE_URL") is None


def test_while_the_registry_is_unavailable_every_name_is_guarded():
    expected = KeyRefused("vendor_key_refused", "registry_unavailable")
    assert refused(VENDOR_MODEL, name="DATABASE_URL", registry=None) == expected
    assert refused(VENDOR_MODEL, name="DATABASE_URL", registry=None, scope="tenant") is None


def started(facts, workspace=(), tenant=(), registry=PACKAGED):
    stored = Credentials(frozenset(workspace), frozenset(tenant))
    run = provision(changed(facts, credentials=stored), registry, POLICIES["P4"])
    return run.outcome or run.code, set(run.withheld)


def test_every_guarded_name_of_both_scopes_is_withheld_from_the_platforms_run():
    run = started(PLATFORM_MODEL, ["KIMI_API_KEY", "DATABASE_URL"], ["ANTHROPIC_API_KEY"])
    assert run == ("started_on_proxy", {"KIMI_API_KEY", "ANTHROPIC_API_KEY"})


def test_a_disabled_run_is_given_no_guarded_name():
    run = started(changed(VENDOR_MODEL, override=DISABLED), ["KIMI_API_KEY"])
    assert run == ("started_without_llm", {"KIMI_API_KEY"})


def test_from_a_direct_run_only_the_orgs_keys_of_other_providers_are_withheld():
    run = started(VENDOR_MODEL, ["KIMI_API_KEY", "HF_TOKEN"], ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OTHER"])
    assert run == ("started_direct", {"OPENAI_API_KEY"})


def test_without_a_provider_a_name_that_is_only_guarded_is_no_accepted_key():
    unlisted = changed(VENDOR_MODEL, model=model_input("made-up"), override=BYOK)
    assert started(unlisted, ["OPENAI_BASE_URL"])[0] == "missing_byok_credential"
    assert started(unlisted, ["MOLECULE_LLM_USAGE_TOKEN"])[0] == "missing_byok_credential"
    assert started(unlisted, ["GROQ_API_KEY"]) == ("started_direct", set())


def test_with_the_registry_unavailable_any_stored_name_counts():
    without_proxy = changed(VENDOR_MODEL, is_proxy_wired=False)
    assert started(without_proxy, ["DATABASE_URL"], registry=None) == ("started_direct", set())
    assert started(without_proxy, registry=None)[0] == "missing_byok_credential"


@pytest.mark.parametrize("runtime", [ABSENT, runtime_input("external")])
def test_no_gate_is_asked_of_a_runtime_that_the_platform_does_not_start(runtime):
    facts = changed(NO_FACTS, runtime=runtime, credentials=UNREADABLE_CREDENTIALS)
    assert provision(facts, PACKAGED, POLICIES["P4"]).outcome == "decision_only"


def test_names_that_cannot_be_read_are_not_taken_for_none():
    run = provision(changed(VENDOR_MODEL, credentials=UNREADABLE_CREDENTIALS), PACKAGED, POLICIES["P4"])
    assert (run.code, run.also) == ("credentials_unreadable", ())


def test_a_run_without_proxy_and_model_names_the_proxy_first():
    facts = changed(NO_FACTS, runtime=runtime_input("claude-code"), override=PLATFORM)
    run = provision(facts, PACKAGED, POLICIES["P4"])
    assert (run.code, run.also) == ("missing_platform_proxy", ("missing_model",))


def test_a_name_that_the_workspace_stores_too_stays_with_its_direct_run():
    run = started(VENDOR_MODEL, ["KIMI_API_KEY", "OPENAI_API_KEY"], ["OPENAI_API_KEY", "GROQ_API_KEY"])
    assert run == ("started_direct", {"GROQ_API_KEY"})


def test_one_more_name_breaks_no_tie_while_the_others_cannot_be_read():
    tied = changed(NO_FACTS, runtime=runtime_input("r"), model=model_input("x-1"), credentials=UNREADABLE_CREDENTIALS)
    expected = KeyRefused("vendor_key_refused", "model_underivable")
    assert refused(tied, name="ONE_KEY", registry=TIED) == expected
    assert refused(changed(tied, credentials=Credentials()), name="ONE_KEY", registry=TIED) is None
