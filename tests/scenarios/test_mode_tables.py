"""Every row of the billing-mode tables holds, on the resolver; a row that says otherwise is found out."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import Exit, run
from usage_ledger.scenarios.modes.judging import judge
from usage_ledger.scenarios.modes.registry_changes import judge_change
from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid

HERE = Path(__file__).parent
UNDER_TWO = read_cases([HERE / "billing-mode.csv"])
UNDER_ALL = read_cases([HERE / "billing-mode-policies.csv"])


@pytest.mark.parametrize("case", UNDER_TWO + UNDER_ALL, ids=lambda case: case.case_id)
def test_it_holds(case):
    assert judge(case) is None


def test_there_are_as_many_rows_as_were_agreed():
    assert (len(UNDER_TWO), len(UNDER_ALL)) == (47, 10)


def test_every_row_is_asked_under_every_policy_of_its_table():
    assert {tuple(case.expected) for case in UNDER_TWO} == {("P3", "P4")}
    assert {tuple(case.expected) for case in UNDER_ALL} == {("P1", "P2a", "P2b", "P3", "P4", "P5", "P6")}
    assert {len(asked) for case in UNDER_TWO for asked in case.expected.values()} == {4}


@pytest.mark.parametrize(
    ("asked", "policy"),
    [(asked, policy) for policy in ("P3", "P4") for asked in ("mode", "source", "key_write", "provision")],
)
def test_each_expected_column_counts(asked, policy):
    case = UNDER_TWO[0]
    wrong = {**case.expected, policy: {**case.expected[policy], asked: "otherwise"}}
    difference = judge(msgspec.structs.replace(case, expected=wrong))
    assert (difference.step, difference.expected) == (f"{policy} {asked}", "otherwise")


def test_the_expected_provider_and_the_stated_input_count():
    case = UNDER_TWO[0]
    assert judge(msgspec.structs.replace(case, provider="otherwise")).step == "provider"
    states = {**case.states, "org_default": "unknown_text"}
    assert judge(msgspec.structs.replace(case, states=states)).step == "inputs org_default"


TABLE = (HERE / "billing-mode.csv").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (",absent,platform_managed,", ",gone,platform_managed,", "override_state is 'gone'"),
        (",wired,", ",plugged,", "proxy is 'plugged'"),
        (",available,", ",there,", "registry_state is 'there'"),
        ("model,present,", "model,here,", "workspace_id is 'here'"),
        ("expected_mode_P3", "expected_mode_P9", "the column expected_mode_P9 is not known"),
        ("expected_mode_P3", "expected_payer_P3", "the column expected_payer_P3 is not known"),
        ("expected_mode_P4", "expected_mode_P3", "a column twice"),
        (",note\n", ",remark\n", "no column note"),
        (
            ",P3 code; P4 tested,\n",
            ",P3 code; P4 tested\n",
            "case org-platform-managed-with-platform-model: the row has not",
        ),
        (
            ",P3 code; P4 tested,\n",
            ",P3 code; P4 tested,,more\n",
            "case org-platform-managed-with-platform-model: the row has not",
        ),
        ('" Platform_Managed "', '" Platform_Managed "x', "no CSV"),
    ],
)
def test_a_mistake_in_a_table_is_told_and_nothing_is_asked(tmp_path, right, wrong, said):
    assert right in TABLE
    file = tmp_path / "table.csv"
    file.write_text(TABLE.replace(right, wrong, 1))
    with pytest.raises(ScenarioInvalid, match=said):
        read_cases([file])


def test_the_command_line_tells_the_first_difference_of_a_row(tmp_path, capsys):
    file = tmp_path / "table.csv"
    file.write_text(TABLE.replace("platform,platform_managed,org_default", "platform,byok,org_default", 1))
    assert run(cli, ["scenario", "run", str(file), "--json"]) == Exit.ANSWER_IS_NO
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    row = "org-platform-managed-with-platform-model"
    failure = {"case": row, "step": "P3 mode", "expected": "byok", "actual": "platform_managed"}
    assert told == {"cases": 47, "passed": 46, "failed": 1, "failures": [failure]}


CHANGES = (HERE / "registry-changes.json").read_text()
CHANGE_CASES = read_cases([HERE / "registry-changes.json"])


@pytest.mark.parametrize("case", CHANGE_CASES, ids=lambda case: case.case_id)
def test_a_registry_change_moves_the_payers_that_it_says(case):
    assert judge_change(case) is None


def test_every_change_is_played_and_leads_from_version_to_version():
    assert len(CHANGE_CASES) == 8
    for earlier, later in pairwise(CHANGE_CASES):
        assert earlier.after == later.before


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_move_that_does_not_happen_is_told(side):
    case = CHANGE_CASES[-1]
    move = msgspec.structs.replace(case.moves[0], **{side: "groq"})
    difference = judge_change(msgspec.structs.replace(case, moves=(move,)))
    assert difference.step == f"hermes minimax/MiniMax-M2.7 {side}"


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_change_that_leaves_no_valid_registry_is_told(side):
    case = CHANGE_CASES[-1]
    content = msgspec.structs.replace(getattr(case, side), closed_provider="nobody")
    difference = judge_change(msgspec.structs.replace(case, **{side: content}))
    assert (difference.step, difference.actual[0]) == (f"defects of {content.version}", "missing_closed_provider")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"anchor": "2026-06-12"', '"anchor": "2026-06-11"', "the packaged registry is 2026-06-12"),
        ('"from": "2026-06-26"', '"from": "2026-06-27"', "does not follow"),
        ('"op": "add_models"', '"op": "add_model"', "add_model"),
    ],
)
def test_a_mistake_in_a_file_of_changes_is_told(tmp_path, right, wrong, said):
    assert right in CHANGES
    file = tmp_path / "changes.json"
    file.write_text(CHANGES.replace(right, wrong, 1))
    with pytest.raises(ScenarioInvalid, match=said):
        read_cases([file])


def test_changes_that_find_another_content_are_told(tmp_path):
    file = tmp_path / "changes.json"
    file.write_text(CHANGES.replace('"claude-opus-4-8", "anthropic:claude-opus-4-8"', '"claude-opus-4-7"', 1))
    with pytest.raises(ScenarioInvalid, match="claude-opus-4-7 is not as the change finds it"):
        read_cases([file])
