"""Every row of the billing-mode tables holds, on the resolver; a row that says otherwise is found out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from usage_ledger.scenarios.modes.judging import judge
from usage_ledger.scenarios.reading.formats import read_cases

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
