"""Two workspaces of an organization live through anything that can move their modes, while sources fail.

After every command: its code is the one that the chapter has for it, a refusal stored nothing, the answer is what the
events say when they are read again, and a run is what it was decided to be. At the end every answer holds as of its
time, whatever became known since.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.rehearsal import SECOND, answer_of
from domain.usage.items import attempt
from domain.whole_life import plain_checks
from domain.whole_life.mode_ledger import ModeLedger, ReactingModeLedger
from domain.whole_life.mode_words import (
    REGISTRIES,
    SOURCES,
    known,
    later,
    models,
    modes,
    names,
    policies,
    runtimes,
    scopes,
    workspaces,
)
from domain.workspaces.modes import plain_reading
from domain.workspaces.stored import FINGERPRINT, named
from usage_ledger import snapshots
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.submission import Outcome
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.workspaces.answer import answer_of as shown_of
from usage_ledger.workspaces.billing_mode import MODES
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ChangeRuntime,
    ClearModel,
    ClearOrgDefault,
    DecideProvision,
    RegisterWorkspace,
    RemoveCredentialName,
    SelectModel,
    SetOrgDefault,
)
from usage_ledger.workspaces.mode_at import Judged, judged_at
from usage_ledger.workspaces.mode_sources import stored_facts
from usage_ledger.workspaces.resolver.facts import Facts
from usage_ledger.workspaces.resolver.inputs import model_input, runtime_input
from usage_ledger.workspaces.what_if import Situation, what_if


class AnyMode(RuleBasedStateMachine):
    """``runs`` are the first answers, ``answered`` what the stored facts said at an instant."""

    make_ledger = ModeLedger

    def __init__(self) -> None:
        super().__init__()
        self.ledger = self.make_ledger()
        self.runs: dict[str, tuple[str, Any]] = {}
        self.current: dict[str, Any] = {}
        self.answered: list[tuple[str, int, Any]] = []
        self.used: list[Attempt] = []

    def change(self, workspace_id: str, command: msgspec.Struct, expected: str | None) -> Outcome:
        """A command that answers who pays: the mode that it found, and the one that it left."""
        existed, found = self.ledger.exists(workspace_id), self.ledger.judged(workspace_id)
        version = len(self.ledger.of(workspace_id))
        outcome = self.ledger.do(command, expected if existed else "workspace_not_found")
        if outcome.code is None:
            self._check_answer(workspace_id, answer_of(outcome), found, version)
        return outcome

    def _check_answer(self, workspace_id: str, answer: Any, found: Judged, version: int) -> None:
        sources, left = self.ledger.sources(workspace_id), self.ledger.left(workspace_id, version)
        before = found.resolved.resolution() if version else None
        shown = msgspec.json.decode(msgspec.json.encode(shown_of(sources, left, before)))
        assert answer == {**shown, "version": answer["version"]}, "what follows from other facts has versions too"
        assert (left.resolved.mode, left.resolved.source) == plain_reading.mode(
            self.ledger.content(left), left.facts, left.policy.name
        )
        self._check_events(workspace_id, left, before, version)

    def _check_events(self, workspace_id: str, left: Judged, before: Any, version: int) -> None:
        """Each event goes on from where the one before it ended, and the last says what was answered."""
        recorded = self.ledger.of(workspace_id)[version:]
        for event in recorded:
            assert event.before == before
            before = event.after
        if recorded:
            reported = left.reported(self.ledger.sources(workspace_id).workspace.current_run)
            assert (event.after, event.states, event.faults) == (
                reported.resolution,
                reported.states,
                reported.faults,
            )

    @initialize(wired=st.booleans(), policy=policies, first=known, second=known)
    def begin(self, wired: bool, policy: str, first: tuple[str, str], second: tuple[str, str]) -> None:
        """Both stand where their models are served; what they lack they may get."""
        if wired:
            self.ledger.do(WireProxy(), None, tenant="platform")
        self.publish("both", None)
        self.activate(policy, None, None)
        for workspace_id, (runtime, model) in zip(("a", "b"), (first, second), strict=True):
            self.register(workspace_id, None, None, frozenset(), "workspace", "user")
            self.change_runtime(workspace_id, runtime, "user")
            self.select(workspace_id, model, "user")

    @rule(wired=st.booleans())
    def wire(self, wired: bool) -> None:
        self.ledger.do(WireProxy() if wired else UnwireProxy(), None, tenant="platform")

    @rule(which=st.sampled_from(list(REGISTRIES)), after=later)
    def publish(self, which: str, after: int | None) -> None:
        self.ledger.publish(REGISTRIES[which], self.time(after))

    @rule(policy=policies, after=later, scope=st.sampled_from([None, "a", "t1"]))
    def activate(self, policy: str, after: int | None, scope: str | None) -> None:
        workspace, organization = ("a", None) if scope == "a" else (None, scope)
        missing = scope == "a" and not self.ledger.exists("a")
        command = ActivatePolicy(policy, "r", self.time(after), workspace, organization)
        self.ledger.do(command, "workspace_not_found" if missing else None)

    def time(self, after: int | None) -> int | None:
        return None if after is None else self.ledger.now + after * SECOND

    @rule(failing=st.lists(st.sampled_from(SOURCES), max_size=1))
    def sources_fail(self, failing: list[str]) -> None:
        self.ledger.failing = tuple(failing)

    @rule(
        workspace_id=st.sampled_from(["a", "c", "d", "e"]),
        runtime=runtimes,
        model=st.one_of(models, st.none()),
        keys=st.frozensets(names, max_size=2),
        kind=st.sampled_from(["workspace", "platform"]),
        origin=st.sampled_from(["user", "import"]),
    )
    def register(self, workspace_id: str, runtime, model, keys, kind: str, origin: str) -> None:
        found = self.ledger.judged(workspace_id)
        would_be = self.with_facts(
            found.facts,
            runtime=runtime_input((runtime or "").strip() or None),
            model=model_input(model),
            credentials=found.facts.credentials.with_names("workspace", keys),
        )
        expected = plain_checks.of_creation(self.ledger.content(found), would_be, found.policy.name, kind, origin)
        if self.ledger.exists(workspace_id):
            expected = "workspace_exists"
        elif keys and not found.facts.credentials.is_readable:
            return  # whose names they are is asked one by one below
        command = RegisterWorkspace(
            workspace_id, runtime=runtime, model=model, kind=kind, credentials=named(*sorted(keys)), origin=origin
        )
        outcome = self.ledger.do(command, expected)
        if outcome.code is None:
            self._check_answer(workspace_id, answer_of(outcome), found, 0)

    @staticmethod
    def with_facts(facts: Facts, **others: Any) -> Facts:
        return msgspec.structs.replace(facts, **others)

    @rule(workspace_id=workspaces, served=known)
    def move(self, workspace_id: str, served: tuple[str, str]) -> None:
        """To a model that the runtime serves, by way of a model of none."""
        self.change_runtime(workspace_id, None, "user")
        self.select(workspace_id, served[1], "user")
        self.change_runtime(workspace_id, served[0], "user")

    @rule(workspace_id=workspaces, model=models, origin=st.sampled_from(["user", "template", "import", "seed"]))
    def select(self, workspace_id: str, model: str, origin: str) -> None:
        found, stored = self.ledger.judged(workspace_id), self.ledger.sources(workspace_id).workspace.model.latest
        would_be = self.with_facts(found.facts, model=model_input(model))
        content = self.ledger.content(found)
        if origin == "seed":
            expected = plain_checks.of_seed(content, found.facts, would_be)
        elif model.strip() == stored:
            expected = None
        else:
            expected = plain_checks.of_selection(content, would_be, origin)
        self.change(workspace_id, SelectModel(workspace_id, model, origin), expected)

    @rule(workspace_id=workspaces, runtime=runtimes, origin=st.sampled_from(["user", "import"]))
    def change_runtime(self, workspace_id: str, runtime: str | None, origin: str) -> None:
        found, stored = self.ledger.judged(workspace_id), self.ledger.sources(workspace_id).workspace.runtime.latest
        wanted = (runtime or "").strip() or None
        would_be = self.with_facts(found.facts, runtime=runtime_input(wanted))
        expected = None if wanted == stored else plain_checks.of_selection(self.ledger.content(found), would_be, origin)
        self.change(workspace_id, ChangeRuntime(workspace_id, runtime, origin), expected)

    @rule(workspace_id=workspaces, mode=modes)
    def choose(self, workspace_id: str, mode: str | None) -> None:
        self.change(workspace_id, ChangeBillingMode(workspace_id, mode, "r"), None)

    @rule(mode=st.sampled_from([*MODES, " Byok ", "what we had", None]))
    def choose_for_all(self, mode: str | None) -> None:
        command = ClearOrgDefault("t1", "r") if mode is None else SetOrgDefault("t1", mode, "r", "import")
        outcome = self.ledger.do(command, None)
        governance = self.ledger.sources("a").governance
        policy = governance.policy_at("t1", "t1", "", self.ledger.now - SECOND)
        assert answer_of(outcome)["has_effect"] == (policy.name in ("P1", "P3"))

    @rule(workspace_id=workspaces, name=names, scope=scopes, failing=st.sampled_from([(), (), ("override",)]))
    def add(self, workspace_id: str, name: str, scope: str, failing: tuple[str, ...]) -> None:
        self.ledger.failing = failing
        found = self.ledger.judged(workspace_id)
        seen = found.facts.credentials
        would_be = self.with_facts(found.facts, credentials=seen.with_names(scope, seen.of(scope) | {name}))
        expected = plain_checks.of_key(name, scope, self.ledger.content(found), would_be, found.policy.name)
        outcome = self.change(
            workspace_id,
            AddCredentialName(workspace_id, name.lower(), FINGERPRINT, scope),
            expected and expected[0],
        )
        if expected is not None and self.ledger.exists(workspace_id):
            assert outcome.facts.get("rule") == expected[1]

    @rule(workspace_id=workspaces, name=names, scope=scopes, which=st.sampled_from(["name", "name", "model", "mode"]))
    def what_nothing_is_asked_of(self, workspace_id: str, name: str, scope: str, which: str) -> None:
        commands = {
            "name": RemoveCredentialName(workspace_id, name, scope),
            "model": ClearModel(workspace_id),
            "mode": ChangeBillingMode(workspace_id, "BYOK", "r", origin="import"),
        }
        self.change(workspace_id, commands[which], None)

    @rule(workspace_id=workspaces, number=st.integers(1, 6))
    def start(self, workspace_id: str, number: int) -> None:
        run, found = f"r{number}", self.ledger.judged(workspace_id)
        owner, first = self.runs.get(run, (workspace_id, None))
        gates = plain_reading.failing_gates(self.ledger.content(found), found.facts, found.policy.name)
        expected = None if first or not gates else gates[0]
        if not self.ledger.exists(workspace_id):
            expected = "workspace_not_found"
        elif owner != workspace_id:
            expected = "run_already_decided"
        outcome = self.ledger.do(DecideProvision(workspace_id, run), expected)
        if outcome.code == expected and expected is not None and gates and owner == workspace_id:
            assert not self.ledger.exists(workspace_id) or outcome.facts["also"].split() == gates[1:]
        if outcome.code is None:
            self._check_run(workspace_id, run, answer_of(outcome), found)

    def _check_run(self, workspace_id: str, run: str, answer: Any, found: Judged) -> None:
        if run in self.runs:
            assert answer == self.runs[run][1]
            return
        self.runs[run] = workspace_id, answer
        self.current[workspace_id] = answer["resolved_mode"], answer["provider_selection"]
        content, policy = self.ledger.content(found), found.policy.name
        assert answer["provision_outcome"] == plain_reading.outcome(content, found.facts, policy)
        assert set(answer["withheld"]) == plain_reading.withheld(content, found.facts, policy)
        assert answer["resolved_mode"] == found.resolved.mode
        assert "RESTART_PENDING" not in answer["warnings"]

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds: int) -> None:
        self.ledger.wait(seconds * SECOND)

    @rule(wired=st.booleans(), policy=policies)
    def use_before_and_after_others_decide(self, wired: bool, policy: str) -> None:
        self.use([0])
        self.ledger.do(WireProxy() if wired else UnwireProxy(), None, tenant="platform")
        self.activate(policy, None, None)
        self.remember()
        self.use([0])

    @rule(picks=st.lists(st.integers(0, 80), min_size=1, max_size=6))
    def use(self, picks: list[int]) -> None:
        """Usage in any order of time is charged by what held when it occurred, usage of a run by its decision."""
        self.ledger.failing = ()
        wanted = [*self.answered[-2:], *(self.answered[-1 - pick % len(self.answered)] for pick in picks)]
        expected = [(workspace_id, None, at, resolved.mode) for workspace_id, at, resolved in wanted]
        expected += [
            (workspace_id, run, self.ledger.now, answer["resolved_mode"])
            for run, (workspace_id, answer) in self.runs.items()
        ]
        attempts = [
            attempt(id=f"u{len(self.used) + n}", workspace_id=workspace_id, run_id=run, occurred_at=at)
            for n, (workspace_id, run, at, _) in enumerate(expected)
        ]
        self.used += attempts
        items = answer_of(self.ledger.when(RecordUsage(tuple(attempts))))["items"]
        # Nobody is pinned, so what the platform is to be paid for waits for somebody who pays.
        told = {"mode_disabled": "disabled", "no_pin": "platform_managed"}
        assert [told.get(item.get("code"), item.get("mode")) for item in items] == [mode for *_, mode in expected]

    @invariant()
    def a_restart_is_pending_exactly_where_the_run_is_something_else(self) -> None:
        for workspace_id, frozen in self.current.items():
            found = self.ledger.judged(workspace_id)
            states = found.reported(self.ledger.sources(workspace_id).workspace.current_run).states
            pending = frozen != (found.resolved.mode, found.resolved.provider)
            assert ("RESTART_PENDING" in states) == pending

    @invariant()
    def the_same_facts_and_rules_make_no_difference(self) -> None:
        for workspace_id in filter(self.ledger.exists, ("a", "b")):
            found = self.ledger.judged(workspace_id)
            today = Situation(found.facts, found.registry, found.policy)
            answer = what_if(today, today)
            assert (answer.today.resolved, answer.then, answer.flip) == (found.resolved, answer.today, None)

    @invariant()
    def remember(self) -> None:
        for workspace_id in filter(self.ledger.exists, ("a", "b")):
            at = self.ledger.now - 1
            self.answered.append(
                (workspace_id, at, judged_at(self.ledger.sources(workspace_id), at, stored_facts).resolved)
            )

    def teardown(self) -> None:
        """Nothing that came afterwards, and nothing that was announced, changes what held at a time."""
        for workspace_id in ("a", "b"):
            sources = self.ledger.sources(workspace_id)
            for _, at, resolved in (each for each in self.answered if each[0] == workspace_id):
                assert judged_at(sources, at, stored_facts).resolved == resolved


class AnyModeTold(AnyMode):
    """Beside the ledger run the processes that tell workspaces of what changed around them."""

    make_ledger = ReactingModeLedger

    @invariant()
    def what_a_workspace_was_told_last_is_what_holds(self) -> None:
        for workspace_id in filter(self.ledger.exists, ("a", "b", "c")):
            told = self.ledger.sources(workspace_id).workspace
            assert told.reported == self.ledger.judged(workspace_id).reported(told.current_run)


@pytest.mark.rule("billing-mode-14.9")
@pytest.mark.rule("billing-mode-14.13")
@pytest.mark.rule("billing-mode-15.3")
@pytest.mark.rule("billing-mode-15.7")
@pytest.mark.rule("billing-mode-15.11")
@pytest.mark.parametrize(("life", "times"), [(AnyMode, 40), (AnyModeTold, 15)])
def test_any_mode(life: type[AnyMode], times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_EVERY", 3)
    run_state_machine_as_test(
        life,
        # What fails is shown as it was found: to shrink forty commands takes minutes.
        settings=settings(
            max_examples=times,
            stateful_step_count=40,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
