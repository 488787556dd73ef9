"""The product answers as the chapter does when it is read plainly, for any facts, registry and policy."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workspaces.modes import plain_reading
from domain.workspaces.modes.questions import asked, policies
from usage_ledger.workspaces.registry.derivation import derive
from usage_ledger.workspaces.resolver.key_write import refuse_key, with_key
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve

deterministic = settings(derandomize=True, deadline=None, max_examples=300)
some_names = st.sampled_from(["A_KEY", "B_KEY", "RESERVED", "BASE_URL", "DATABASE_URL", "ONE_KEY", "KIMI_API_KEY"])


@deterministic
@given(asked())
def test_it_finds_the_provider(question):
    facts, registry, content = question
    found = derive(registry, facts.runtime, facts.model, facts.credentials)
    assert (found.provider, found.how) == plain_reading.derivation(content, facts)


@deterministic
@given(asked(), policies)
def test_it_resolves(question, policy):
    facts, registry, content = question
    answer = resolve(facts, registry, policy)
    assert (answer.mode, answer.source) == plain_reading.mode(content, facts, policy.name)
    assert (answer.provider, answer.how) == plain_reading.derivation(content, facts)
    assert set(answer.faults) == plain_reading.faults(content, facts, policy.name)


@deterministic
@given(asked(exists=True), policies, some_names, st.sampled_from(["workspace", "tenant"]))
def test_it_guards_keys(question, policy, name, scope):
    facts, registry, content = question
    after = with_key(facts, name) if scope == "workspace" else facts
    refused = refuse_key(name, scope, after, registry, policy)
    told = None if refused is None else refused.rule or "reserved"
    assert told == plain_reading.refusal(name, scope, content, after, policy.name)


@deterministic
@given(asked(exists=True), policies)
def test_it_starts_runs(question, policy):
    facts, registry, content = question
    run = provision(facts, registry, policy)
    gates = plain_reading.failing_gates(content, facts, policy.name)
    if gates:
        assert (run.outcome, run.code, [*run.also]) == (None, gates[0], gates[1:])
    else:
        assert (run.outcome, run.code) == (plain_reading.outcome(content, facts, policy.name), None)
        assert run.withheld == plain_reading.withheld(content, facts, policy.name)
