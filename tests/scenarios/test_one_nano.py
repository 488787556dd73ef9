"""Every amount that a case of the ledger expects is held against the ledger: one nano more, and the case fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from usage_ledger.money import format_amount, parse_amount
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.running import run_case
from usage_ledger.scenarios.worlds.memory import memory_world

CASES = read_cases([Path(__file__).parent / "ledger.yaml"])


def one_more(text: str) -> str | None:
    """The amount and a nano; None if it is no amount."""
    try:
        return format_amount(parse_amount(text) + 1)
    except InvalidInput:
        return None


def changed(expected: Any) -> Iterator[Any]:
    """What is expected, with one amount of it changed, one after another."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            yield from ({**expected, name: other} for other in changed(value))
    elif isinstance(expected, list):
        for index, value in enumerate(expected):
            yield from ([*expected[:index], other, *expected[index + 1 :]] for other in changed(value))
    elif isinstance(expected, str) and (more := one_more(expected)) is not None:
        yield more


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_every_amount_counts_to_the_nano(case):
    for then in changed(case.then):
        verdict = run_case(replace(case, then=then), memory_world, with_threads=False)
        assert verdict.difference is not None, then


def test_there_are_hundreds_of_amounts():
    assert sum(len(list(changed(case.then))) for case in CASES) > 250
