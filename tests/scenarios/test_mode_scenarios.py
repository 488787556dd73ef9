"""Every row of the billing-mode scenarios holds through commands, on both stores; any other word fails it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import Exit, run
from usage_ledger.scenarios.mode_scenarios.scenario import WORKSPACE
from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.running import run_case
from usage_ledger.scenarios.worlds.memory import memory_world
from usage_ledger.scenarios.worlds.world import BilledAs
from usage_ledger.workspaces.commands import ChangeBillingMode, DecideProvision, SelectModel

FILE = Path(__file__).parent / "billing-mode-scenarios.csv"
TABLE = FILE.read_text()
AGREED = read_cases([FILE])
STEPS = [
    pytest.param(case, number, id=f"{case.case_id}-{number}")
    for case in AGREED
    for number in range(1, len(case.steps) + 1)
]


def difference_of(case, place=memory_world):
    return run_case(case, place, with_threads=False).difference


def with_step(case, number, **changes):
    steps = list(case.steps)
    steps[number - 1] = replace(steps[number - 1], **changes)
    return replace(case, steps=tuple(steps))


def named(case_id):
    return next(case for case in AGREED if case.case_id == case_id)


@pytest.mark.parametrize("store", ["memory", "postgres"])
@pytest.mark.parametrize("case", AGREED, ids=lambda case: case.case_id)
def test_it_holds(case, store, place_of):
    assert difference_of(case, place_of(store)) is None


def test_there_are_as_many_rows_as_were_agreed():
    assert (len(AGREED), len(STEPS)) == (21, 24)


@pytest.mark.parametrize(("case", "number"), STEPS)
def test_each_expectation_counts(case, number):
    step = case.steps[number - 1]
    assert len(step.expected) == 9
    for told, right in step.expected.items():
        difference = difference_of(with_step(case, number, expected={**step.expected, told: "otherwise"}))
        assert difference is not None, told
        assert (difference.expected, difference.actual) == ("otherwise", right)
        assert difference.step in (f"step {number} {told}", f"step {number} run {told}")


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "P3"},
        {"is_proxy_wired": False},
        {"runtime": "hermes"},
        {"model": "kimi-for-coding"},
        {"override": "byok"},
        {"kind": "platform"},
        {"workspace_credentials": ()},
        {"tenant_credentials": ("KIMI_API_KEY",)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_later_step_finds_what_the_earlier_ones_left(changes):
    case = named("vendor-key-kept-after-move-to-platform-model")
    difference = difference_of(with_step(case, 2, before=replace(case.steps[1].before, **changes)))
    assert difference.step.startswith(f"step 2 before {next(iter(changes))}")


def unreachable_states():
    before = named("vendor-key-kept-after-move-to-platform-model").steps[1].before
    return [
        pytest.param(before, id="a guarded key beside a platform model"),
        pytest.param(replace(before, runtime="mock", model=None), id="a guarded key on an unmanaged runtime"),
        pytest.param(replace(before, model="nobody/serves-this"), id="a model that nobody serves"),
        pytest.param(replace(before, runtime="no-such-runtime"), id="a runtime that nobody knows"),
        pytest.param(replace(before, override="BYOK"), id="an override in other letters"),
        pytest.param(replace(before, override="platform_managed"), id="a key beside an override that refuses it"),
        pytest.param(replace(before, workspace_credentials=("MOLECULE_LLM_USAGE_TOKEN",)), id="a reserved name"),
        pytest.param(replace(before, tenant_credentials=("OPENAI_API_KEY",)), id="a name of the organization"),
    ]


@pytest.mark.parametrize("store", ["memory", "postgres"])
@pytest.mark.parametrize("before", unreachable_states())
def test_states_that_todays_commands_refuse_are_reached(before, store, place_of):
    case = named("billing-mode-with-unknown-text")
    difference = difference_of(with_step(case, 1, before=before), place_of(store))
    assert difference is None or difference.step.startswith("step 1 "), "nothing that is given was refused"
    assert difference is None or not difference.step.startswith("step 1 before"), "the state is the one that is said"


@contextmanager
def meddling(clock, about, sent):
    """A ledger in memory to which, right before a command of one kind, somebody else sends another."""
    with memory_world(clock) as world:
        submit, sends = world.ledger.submit, iter([sent])

        def with_another(submission):
            if isinstance(submission.command, about) and (other := next(sends, None)) is not None:
                submit(replace(submission, command=other, command_id="other"))
            return submit(submission)

        world.ledger.submit = with_another
        yield world


def test_a_run_that_is_decided_from_something_else_than_was_answered_is_found_out():
    case = named("unguarded-name-on-platform-model")
    other = ChangeBillingMode(WORKSPACE, "disabled", "meddling")
    difference = difference_of(case, lambda clock: meddling(clock, DecideProvision, other))
    assert difference == ("step 1 run mode", "platform_managed", "disabled")


def test_a_view_that_shows_something_else_is_found_out():
    case = named("unguarded-name-on-platform-model")

    @contextmanager
    def stale(clock):
        with memory_world(clock) as world:
            row = BilledAs("anthropic/claude-opus-4-7", "byok", "derived_provider", "platform")
            world.views.billed_as = lambda tenant, workspace_id: row
            yield world

    assert difference_of(case, stale) == ("step 1 view mode", "platform_managed", "byok")


def test_a_refused_command_that_stores_something_is_found_out():
    case = named("billing-mode-with-unknown-text")
    other = SelectModel(WORKSPACE, "moonshot/kimi-k2.6")
    difference = difference_of(case, lambda clock: meddling(clock, ChangeBillingMode, other))
    assert difference == ("step 1 stored by a refused command", [], ["ModelSelected"])


def test_what_is_given_has_to_be_accepted():
    case = named("billing-mode-with-unknown-text")
    step = case.steps[0]
    difference = difference_of(with_step(case, 1, before=replace(step.before, policy="P9")))
    assert difference == ("given ActivatePolicy outcome", "accepted", "refused")


def test_the_command_line_tells_the_first_difference_of_a_row(tmp_path, capsys):
    file = tmp_path / "table.csv"
    file.write_text(TABLE.replace("accepted,none,none,none,platform_managed,", "accepted,none,none,none,byok,", 1))
    assert run(cli, ["scenario", "run", str(file), "--json"]) == Exit.ANSWER_IS_NO
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    row = "create-on-unmanaged-runtime"
    failure = {"case": row, "step": "step 1 mode", "expected": "byok", "actual": "platform_managed"}
    assert told == {"cases": 21, "passed": 20, "failed": 1, "failures": [failure]}
