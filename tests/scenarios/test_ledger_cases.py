"""Every case of the ledger holds, in memory and on Postgres."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.step_reader import ALONE
from usage_ledger.scenarios.reading.vocabulary import COMMANDS
from usage_ledger.scenarios.running import run_case
from usage_ledger.scenarios.translating.table import TRANSLATIONS

HERE = Path(__file__).parent
AGREED = read_cases([HERE / "ledger.yaml"])
OUR_OWN = read_cases([HERE / "words.yaml"])


def rules_of(case):
    return [pytest.mark.rule(rule) for rule in case.rules]


@pytest.mark.parametrize("store", ["memory", "postgres"])
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.case_id, marks=rules_of(case)) for case in AGREED + OUR_OWN]
)
def test_it_holds(case, store, place_of):
    assert run_case(case, place_of(store), with_threads=store == "postgres").difference is None


def test_there_are_as_many_cases_as_were_agreed():
    assert len(AGREED) == 60


def test_every_word_of_the_vocabulary_is_a_command_of_the_ledger_or_stands_alone():
    assert COMMANDS.keys() == TRANSLATIONS.keys() | set(ALONE)
