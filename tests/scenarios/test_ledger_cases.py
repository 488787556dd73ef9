"""Every case of the ledger holds, in memory and on Postgres."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid
from usage_ledger.scenarios.running import run_case
from usage_ledger.scenarios.translating.table import require_known

HERE = Path(__file__).parent
AGREED = HERE / "ledger.yaml"
CASES = {case.case_id: case for case in read_cases([AGREED, HERE / "words.yaml"])}
STORES = ("memory", "postgres")

_NOT_YET_IN_MEMORY = """
"""
_NOT_YET_ON_POSTGRES = """
"""

NOT_YET = {
    *((case_id, "memory") for case_id in _NOT_YET_IN_MEMORY.split()),
    *((case_id, "postgres") for case_id in _NOT_YET_ON_POSTGRES.split()),
}
"""What the ledger cannot do yet. It only ever shrinks: a case that is listed here and holds fails its test."""


def rules_of(case):
    return [pytest.mark.rule(rule) for rule in case.rules]


def holds(case_id, store, place_of):
    """Nothing if it does, else why not."""
    case = CASES[case_id]
    try:
        require_known([case])
        return run_case(case, place_of(store), with_threads=store == "postgres").difference
    except ScenarioInvalid as invalid:
        return str(invalid)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("case_id", [pytest.param(case.case_id, marks=rules_of(case)) for case in CASES.values()])
def test_it_holds(case_id, store, place_of):
    difference = holds(case_id, store, place_of)
    if (case_id, store) in NOT_YET:
        assert difference is not None, "it holds by now: take it from NOT_YET"
    else:
        assert difference is None


def test_there_are_as_many_cases_as_were_agreed():
    assert len(read_cases([AGREED])) == 60
