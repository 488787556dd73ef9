"""What went wrong before, or nearly did: each pitfall of billing mode that the pure functions can fall into."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workspaces.modes.questions import PACKAGED, asked, changed, names_in
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.scenarios.modes.registry_changes import read_changes
from usage_ledger.workspaces.registry.registry import make_registry
from usage_ledger.workspaces.resolver.facts import NO_FACTS
from usage_ledger.workspaces.resolver.inputs import (
    ABSENT,
    UNREADABLE,
    UNREADABLE_CREDENTIALS,
    Credentials,
    Input,
    model_input,
    org_default_input,
    override_input,
    runtime_input,
)
from usage_ledger.workspaces.resolver.key_write import refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve
from usage_ledger.workspaces.states import states_of
from usage_ledger.workspaces.what_if import Situation, WhatIfSummary, what_if

CHANGES = Path(__file__).parents[3] / "scenarios" / "registry-changes.json"

deterministic = settings(derandomize=True, deadline=None)


def workspace(runtime: str = "claude-code", model: str | None = "kimi-for-coding", **others):
    given_facts = changed(NO_FACTS, runtime=runtime_input(runtime), model=model_input(model), is_proxy_wired=True)
    return changed(given_facts, **others)


PLATFORM_MODEL = workspace(model="anthropic/claude-opus-4-7")
VENDOR_MODEL = workspace()


def stored(*workspace_names: str, tenant: tuple[str, ...] = ()) -> Credentials:
    return Credentials(frozenset(workspace_names), frozenset(tenant))


def answer(facts, policy="P4", registry=PACKAGED):
    return resolve(facts, registry, POLICIES[policy])


def rule(facts, name="KIMI_API_KEY", policy="P4", scope="workspace"):
    after = with_key(facts, name) if scope == "workspace" else facts
    refused = refuse_key(name, scope, after, PACKAGED, POLICIES[policy])
    return None if refused is None else refused.rule


def run(facts, policy="P4"):
    return provision(facts, PACKAGED, POLICIES[policy])


def states(facts, policy="P4"):
    return states_of(facts, PACKAGED, POLICIES[policy], answer(facts, policy), None)


@pytest.mark.rule("billing-mode-15.1")
@pytest.mark.parametrize(
    ("org_default", "facts", "mode_of_the_model"),
    [("platform_managed", VENDOR_MODEL, "byok"), ("byok", PLATFORM_MODEL, "platform_managed")],
)
def test_the_org_default_beats_the_workspaces_model_under_p3_and_never_under_p4(org_default, facts, mode_of_the_model):
    given_facts = changed(facts, org_default=org_default_input(org_default))
    assert (answer(given_facts, "P3").mode, answer(given_facts, "P3").source) == (org_default, "org_default")
    assert (answer(given_facts, "P4").mode, answer(given_facts, "P4").source) == (mode_of_the_model, "derived_provider")


@pytest.mark.rule("billing-mode-15.1")
@pytest.mark.parametrize(("org_default", "override"), [("platform_managed", "byok"), ("byok", "platform_managed")])
def test_the_workspaces_override_beats_the_org_default(org_default, override):
    facts = changed(VENDOR_MODEL, org_default=org_default_input(org_default), override=override_input(override))
    assert (answer(facts, "P3").mode, answer(facts, "P3").source) == (override, "workspace_override")


@pytest.mark.rule("billing-mode-15.2")
def test_an_override_that_outlives_its_model_is_told():
    chosen = changed(VENDOR_MODEL, override=override_input("byok"), credentials=stored("KIMI_API_KEY"))
    assert "OVERRIDE_AGAINST_MODEL" not in states(chosen)
    moved = changed(chosen, model=PLATFORM_MODEL.model)
    assert {"BYOK_ON_PLATFORM_MODEL", "OVERRIDE_AGAINST_MODEL"} <= {*states(moved)}
    assert run(moved).code == "byok_on_platform_model"


@pytest.mark.rule("billing-mode-15.2")
@pytest.mark.parametrize("override", [override_input("byok"), override_input("disabled"), UNREADABLE])
def test_the_guard_asks_the_model_before_the_override(override):
    assert rule(changed(PLATFORM_MODEL, override=override)) == "platform_model"


def test_no_way_to_a_key_beside_a_platform_model_stays_unseen():
    unlisted = sorted(PACKAGED.vocabulary - set(packaged_content().guarded_names.original_list) - PACKAGED.reserved)
    assert unlisted, "a name that the original did not know"
    for name in ("ANTHROPIC_API_KEY", *unlisted):
        assert rule(PLATFORM_MODEL, name) == "platform_model"
        moved = changed(VENDOR_MODEL, credentials=stored(name), model=PLATFORM_MODEL.model)
        assert states(moved) == ("VENDOR_KEY_ON_PLATFORM_MODEL",)
        assert run(moved).withheld == {name}


@pytest.mark.rule("billing-mode-15.4")
def test_the_scope_of_a_key_is_a_fact_and_not_a_guess():
    orgs_own = changed(PLATFORM_MODEL, credentials=stored(tenant=("ANTHROPIC_API_KEY",)))
    assert rule(orgs_own, "ANTHROPIC_API_KEY", scope="tenant") is None
    assert states(orgs_own) == ()
    assert (run(orgs_own).outcome, run(orgs_own).withheld) == ("started_on_proxy", {"ANTHROPIC_API_KEY"})
    orgs_for_vendor = changed(VENDOR_MODEL, credentials=stored(tenant=("KIMI_API_KEY", "OPENAI_API_KEY")))
    assert (run(orgs_for_vendor).outcome, run(orgs_for_vendor).withheld) == ("started_direct", {"OPENAI_API_KEY"})


@pytest.mark.rule("billing-mode-15.8")
@pytest.mark.parametrize("name", sorted(PACKAGED.vocabulary - PACKAGED.reserved))
def test_one_vocabulary_guards_withholds_and_reports(name):
    beside = changed(PLATFORM_MODEL, credentials=stored(name))
    assert rule(PLATFORM_MODEL, name) == "platform_model"
    assert run(beside).withheld == {name}
    assert states(beside) == ("VENDOR_KEY_ON_PLATFORM_MODEL",)


@pytest.mark.rule("billing-mode-15.8")
@pytest.mark.parametrize(
    ("runtime", "model", "name", "outcome"),
    [
        ("google-adk", "gemini-2.5-pro", "GOOGLE_API_KEY", "started_direct"),
        ("openclaw", "groq:llama", "GROQ_API_KEY", "started_direct"),
        ("claude-code", "kimi-for-coding", "OPENAI_API_KEY", None),
        ("claude-code", "kimi-for-coding", "OPENAI_BASE_URL", None),
    ],
)
def test_a_name_counts_where_its_provider_accepts_it_and_only_there(runtime, model, name, outcome):
    started = run(workspace(runtime, model, credentials=stored(name)))
    assert started.outcome == outcome
    assert started.code == (None if outcome else "missing_byok_credential")


@pytest.mark.rule("billing-mode-15.9")
@pytest.mark.parametrize(
    ("facts", "source", "faults"),
    [
        (changed(PLATFORM_MODEL, override=override_input("platform_managed")), "workspace_override", ()),
        (PLATFORM_MODEL, "derived_provider", ()),
        (changed(PLATFORM_MODEL, model=ABSENT), "derived_default", ()),
        (changed(PLATFORM_MODEL, model=UNREADABLE), "derived_default", ("MODEL_UNREADABLE",)),
        (changed(PLATFORM_MODEL, override=UNREADABLE), "constant_fallback", ("OVERRIDE_UNREADABLE",)),
        (
            changed(PLATFORM_MODEL, override=Input("unknown_text", "x"), model=ABSENT),
            "derived_default",
            ("OVERRIDE_UNRECOGNISED",),
        ),
    ],
)
def test_one_mode_for_six_reasons_and_each_is_told(facts, source, faults):
    told = answer(facts)
    assert (told.mode, told.source, told.faults) == ("platform_managed", source, faults)


@pytest.mark.rule("billing-mode-15.10")
@pytest.mark.parametrize("policy", ["P2b", "P3", "P4", "P5", "P6"])
@pytest.mark.parametrize(
    ("wired", "mode", "state"), [(True, "platform_managed", "proxy_wired"), (False, "byok", "proxy_not_wired")]
)
def test_the_default_tells_which_deployment_it_is_the_default_of(policy, wired, mode, state):
    told = answer(workspace(model=None, is_proxy_wired=wired), policy)
    assert (told.mode, told.source) == (mode, "derived_default")
    assert [(rung.state, rung.value) for rung in told.trail if rung.decided] == [(state, mode)]


@pytest.mark.rule("billing-mode-15.11")
@deterministic
@given(
    asked(exists=True, readable=True),
    st.sampled_from(["override", "org_default", "runtime", "model", "credentials", "registry"]),
    st.data(),
)
def test_no_read_error_opens_the_guard(question, failing, data):
    facts, registry, content = question
    name = data.draw(names_in(content).filter(bool).map(min))
    unread = {"credentials": UNREADABLE_CREDENTIALS}.get(failing, UNREADABLE)
    broken = facts if failing == "registry" else changed(facts, **{failing: unread})
    broken_registry = None if failing == "registry" else registry

    for policy in ("P4", "P5", "P6"):
        whole, partly_read = (
            refuse_key(name, "workspace", with_key(each, name), its_registry, POLICIES[policy])
            for each, its_registry in ((facts, registry), (broken, broken_registry))
        )
        assert whole is None or partly_read is not None


@pytest.mark.rule("billing-mode-15.11")
@pytest.mark.parametrize("failing", ["override", "runtime", "model"])
def test_a_read_error_closes_the_guard_of_a_vendor_model(failing):
    assert rule(VENDOR_MODEL) is None
    assert rule(changed(VENDOR_MODEL, **{failing: UNREADABLE})) is not None
    assert refuse_key("KIMI_API_KEY", "workspace", with_key(VENDOR_MODEL, "KIMI_API_KEY"), None, POLICIES["P4"])


@pytest.mark.rule("billing-mode-15.12")
def test_the_step_from_p4_to_p5_shows_everyone_whose_override_it_drops():
    overrides = ["byok", "platform_managed", "disabled", None]
    summary = WhatIfSummary()
    for facts in (VENDOR_MODEL, PLATFORM_MODEL):
        for override in overrides:
            chosen = changed(facts, override=override_input(override))
            summary.add(
                what_if(Situation(chosen, PACKAGED, POLICIES["P4"]), Situation(chosen, PACKAGED, POLICIES["P5"]))
            )
            dropped = override is not None
            assert ("OVERRIDE_WITHOUT_EFFECT" in states(chosen, "P5")) == dropped
    assert summary.directions == {
        "platform_managed_to_byok": 1,
        "disabled_to_byok": 1,
        "byok_to_platform_managed": 1,
        "disabled_to_platform_managed": 1,
    }
    assert (summary.workspaces, summary.platform_cost_starts) == (8, 2)


MOVES = [(change, move) for change in read_changes(CHANGES.read_text()) for move in change.moves]


@pytest.mark.rule("billing-mode-15.13")
@pytest.mark.parametrize(
    ("change", "move"), MOVES, ids=[f"{change.case_id} {move.runtime} {move.model}" for change, move in MOVES]
)
def test_a_registry_edit_moves_the_payers_that_it_says_and_a_what_if_tells(change, move):
    facts = workspace(move.runtime, move.model)
    before, after = (make_registry(content) for content in (change.before, change.after))
    told = what_if(Situation(facts, before, POLICIES["P4"]), Situation(facts, after, POLICIES["P4"]))
    assert (told.today.resolved.provider, told.then.resolved.provider) == (move.before, move.after)
    # Without a provider the wired proxy is the default, so there the platform pays.
    paid_by_the_platform = [provider in ("platform", None) for provider in (move.before, move.after)]
    assert (told.flip is not None) == (paid_by_the_platform[0] != paid_by_the_platform[1])
    assert told.starts_costing_the_platform == (paid_by_the_platform == [False, True])


@pytest.mark.rule("billing-mode-15.14")
def test_the_same_id_has_another_payer_on_another_runtime():
    model = "anthropic/claude-sonnet-4-6"
    payers = {runtime: answer(workspace(runtime, model)) for runtime in ("claude-code", "hermes", "codex")}
    assert [(told.mode, told.provider) for told in payers.values()] == [
        ("platform_managed", "platform"),
        ("byok", "byok-anthropic"),
        ("platform_managed", None),
    ]


@pytest.mark.rule("billing-mode-15.14")
def test_the_same_id_in_other_case_has_another_payer():
    (change,) = [each for each in read_changes(CHANGES.read_text()) if each.after.version == "2026-06-29"]
    registry = make_registry(change.after)
    listed, other = (workspace("hermes", model) for model in ("minimax/MiniMax-M2.7", "minimax/minimax-m2.7"))
    assert answer(listed, registry=registry).provider == "platform"
    assert (answer(other, registry=registry).provider, answer(other, registry=registry).how) == (
        "byok-minimax",
        "prefix",
    )


@pytest.mark.rule("billing-mode-15.17")
def test_model_first_and_then_the_key_needs_nothing_that_needs_the_other():
    bare = workspace(model=None)
    assert rule(bare) == "model_underivable"
    with_model = changed(bare, model=model_input("kimi-for-coding"))
    assert run(with_model).code == "missing_byok_credential"
    assert rule(with_model) is None
    assert run(with_key(with_model, "KIMI_API_KEY")).outcome == "started_direct"


@pytest.mark.rule("billing-mode-15.17")
def test_under_the_mode_guard_the_first_own_key_could_not_come_in():
    kept_out = changed(VENDOR_MODEL, org_default=org_default_input("platform_managed"))
    assert rule(kept_out, policy="P3") == "mode_platform_managed"
    assert rule(kept_out, policy="P4") is None
