"""The product answers as the chapter does when it is read plainly, for any facts, registry and policy."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.workspaces.modes import plain_reading
from domain.workspaces.modes.questions import asked
from usage_ledger.workspaces.resolver.key_write import refuse_key, with_key
from usage_ledger.workspaces.resolver.policies import POLICIES
from usage_ledger.workspaces.resolver.provision import provision
from usage_ledger.workspaces.resolver.resolve import resolve

deterministic = settings(derandomize=True, deadline=None, max_examples=200)
some_names = st.sampled_from(["A_KEY", "B_KEY", "RESERVED", "BASE_URL", "DATABASE_URL", "ONE_KEY", "KIMI_API_KEY"])


@deterministic
@given(asked())
def test_it_resolves(question):
    facts, registry, content = question
    for policy in POLICIES.values():
        answer = resolve(facts, registry, policy)
        assert (answer.mode, answer.source) == plain_reading.mode(content, facts, policy.name)
        assert (answer.provider, answer.how) == plain_reading.derivation(content, facts)
        assert set(answer.faults) == plain_reading.faults(content, facts, policy.name)


@deterministic
@given(asked(exists=True), some_names, st.sampled_from(["workspace", "tenant"]))
def test_it_guards_keys(question, name, scope):
    facts, registry, content = question
    after = with_key(facts, name) if scope == "workspace" else facts
    for policy in POLICIES.values():
        refused = refuse_key(name, scope, after, registry, policy)
        told = None if refused is None else refused.rule or "reserved"
        assert told == plain_reading.refusal(name, scope, content, after, policy.name)


@deterministic
@given(asked(exists=True))
def test_it_starts_runs(question):
    facts, registry, content = question
    for policy in POLICIES.values():
        run = provision(facts, registry, policy)
        gates = plain_reading.failing_gates(content, facts, policy.name)
        assert [run.code, *run.also] == (gates or [None])
        if not gates:
            assert run.outcome == plain_reading.outcome(content, facts, policy.name)
            assert run.withheld == plain_reading.withheld(content, facts, policy.name)
