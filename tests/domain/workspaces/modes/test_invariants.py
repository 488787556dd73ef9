"""The invariants of billing mode that are about the pure function, each for any facts, registry and policy."""

from __future__ import annotations

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.workspaces.modes.questions import (
    PACKAGED,
    REGISTRIES,
    changed,
    facts,
    modes,
    names,
    platform_model_facts,
    policies,
)
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.live_mode import resolved as live
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import ABSENT, Credentials, Input, as_mode
from usage_ledger.workspaces.resolver.key_write import refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve

deterministic = settings(derandomize=True, deadline=None)
existing = facts(exists=True)


def named(*policy_names: str):
    return st.sampled_from([POLICIES[name] for name in policy_names])


@deterministic
@given(facts(), REGISTRIES, policies)
def test_1_the_mode_is_one_of_the_three_and_exactly_one_rung_says_it(given_facts, registry, policy):
    answer = resolve(given_facts, registry, policy)
    assert answer.mode in MODES
    assert [rung.value for rung in answer.trail if rung.decided] == [answer.mode]
    assert len(answer.trail) == len(policy.rungs) + 1


@deterministic
@given(facts(), REGISTRIES, policies)
def test_2_the_same_facts_and_versions_answer_the_same_byte_for_byte(given_facts, registry, policy):
    again = msgspec.json.decode(msgspec.json.encode(given_facts), type=Facts)
    answers = [msgspec.json.encode(resolve(each, registry, policy)) for each in (given_facts, again)]
    assert answers[0] == answers[1]


@deterministic
@given(facts(), REGISTRIES, named("P2a", "P2b", "P4", "P5", "P6"), modes)
def test_3_policies_without_the_rung_ignore_the_org_default(given_facts, registry, policy, org_default):
    other = changed(given_facts, org_default=org_default)
    assert resolve(given_facts, registry, policy) == resolve(other, registry, policy)


@deterministic
@given(facts(), REGISTRIES, named("P5", "P6"), modes)
def test_3_p5_and_p6_also_ignore_the_override(given_facts, registry, policy, override):
    other = changed(given_facts, override=override)
    assert resolve(given_facts, registry, policy) == resolve(other, registry, policy)


@deterministic
@given(platform_model_facts(), named("P4", "P5", "P6"), st.sampled_from(sorted(PACKAGED.vocabulary)))
def test_4_a_platform_model_never_allows_a_guarded_name_at_workspace_scope(given_facts, policy, name):
    after = with_key(given_facts, name)
    assert resolve(after, PACKAGED, policy).provider == PACKAGED.closed_provider
    assert refuse_key(name, "workspace", after, PACKAGED, policy) is not None


@deterministic
@given(existing, named("P2a", "P2b", "P4"))
def test_5_without_override_and_fault_the_closed_provider_alone_makes_the_platform_pay(given_facts, policy):
    answer = resolve(changed(given_facts, override=ABSENT), PACKAGED, policy)
    assume(answer.provider is not None and not answer.faults)
    assert (answer.mode == "platform_managed") == (answer.provider == PACKAGED.closed_provider)


@deterministic
@given(existing)
def test_5_under_p5_it_is_so_with_any_override(given_facts):
    answer = resolve(given_facts, PACKAGED, POLICIES["P5"])
    assume(answer.provider is not None)
    assert (answer.mode == "platform_managed") == (answer.provider == PACKAGED.closed_provider)


@deterministic
@given(facts(readable=True), REGISTRIES, named("P1", "P2a", "P2b", "P3", "P4", "P5"), names, names)
def test_6_stored_names_never_change_the_mode_but_by_a_tie_between_matches(
    given_facts, registry, policy, workspace, tenant
):
    before = resolve(given_facts, registry, policy)
    after = resolve(changed(given_facts, credentials=Credentials(workspace, tenant)), registry, policy)
    assume(not {before.how, after.how} & {"prefix_by_credential", "ambiguous"})
    assert before.mode == after.mode


@deterministic
@given(existing, REGISTRIES, named("P1", "P2a", "P2b", "P3", "P4"), st.sampled_from(MODES))
def test_7_a_recognised_override_decides_and_the_source_says_so(given_facts, registry, policy, mode):
    answer = resolve(changed(given_facts, override=Input("recognised", mode)), registry, policy)
    assert (answer.mode, answer.source) == (mode, "workspace_override")


@deterministic
@given(facts(), REGISTRIES, policies)
def test_10_disabled_was_chosen(given_facts, registry, policy):
    assume(Input("recognised", "disabled") not in (given_facts.override, given_facts.org_default))
    assert resolve(given_facts, registry, policy).mode != "disabled"


@deterministic
@given(existing, REGISTRIES, policies)
def test_11_a_refused_run_names_the_first_failing_gate_and_also_exactly_the_rest(given_facts, registry, policy):
    run = provision(given_facts, registry, policy)
    runtime = given_facts.runtime
    is_unmanaged = runtime.state == "absent" or (registry is not None and runtime.value in registry.unmanaged_runtimes)
    failing = [] if is_unmanaged else gates_that_fail(given_facts, registry, run.resolved)
    assert [run.code, *run.also] == (failing or [None])
    assert (run.outcome is None) == bool(failing)


def gates_that_fail(given_facts, registry, resolved) -> list[str]:
    """The table of the gates, read row by row."""
    mode, stored, model = resolved.mode, given_facts.credentials, given_facts.model.state
    is_platform = registry is not None and resolved.provider == registry.closed_provider
    if registry is None:
        accepted = stored.available()
    else:
        providers = [resolved.provider] if resolved.provider else list(registry.accepted_names)
        accepted = stored.available() & frozenset().union(*(registry.accepted_names[each] for each in providers))
        accepted = accepted if resolved.provider else accepted - registry.reserved
    table = {
        "credentials_unreadable": not stored.is_readable,
        "byok_on_platform_model": mode == "byok" and is_platform,
        "missing_byok_credential": mode == "byok" and not is_platform and stored.is_readable and not accepted,
        "missing_platform_proxy": mode == "platform_managed" and not given_facts.is_proxy_wired,
        "model_unreadable": mode != "disabled" and model == "unreadable",
        "missing_model": mode != "disabled" and model == "absent",
    }
    return [code for code, fails in table.items() if fails]


def test_12_every_name_of_the_original_list_is_in_the_vocabulary():
    original = packaged_content().guarded_names.original_list
    assert len(original) == 23
    assert set(original) <= PACKAGED.vocabulary


@deterministic
@given(existing)
def test_13_a_what_if_with_todays_facts_and_versions_is_the_live_answer(given_facts):
    assume(given_facts.override.state in ("absent", "recognised"))
    override = None if given_facts.override.value is None else as_mode(given_facts.override.value)
    asked = resolve(changed(given_facts, credentials=Credentials(), runtime=ABSENT, model=ABSENT), None, POLICIES["P4"])
    assert asked == live(override, given_facts.is_proxy_wired)


@deterministic
@given(existing)
def test_13_without_a_registry_no_other_fact_moves_the_live_mode(given_facts):
    assume(given_facts.override.state in ("absent", "recognised"))
    override = None if given_facts.override.value is None else as_mode(given_facts.override.value)
    asked, today = resolve(given_facts, None, POLICIES["P4"]), live(override, given_facts.is_proxy_wired)
    assert (asked.resolution(), asked.trail) == (today.resolution(), today.trail)
