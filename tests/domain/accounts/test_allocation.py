"""Lines are filled in their order from lots in theirs, told as ranges of lines (C4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.accounts.burn_down import Lot, allocate
from usage_ledger.accounts.events import Allocation

pytestmark = pytest.mark.rule("C4")

AMOUNTS = st.lists(st.one_of(st.just(0), st.integers(1, 30)), max_size=30)
REMAINDERS = st.lists(st.integers(1, 60), max_size=6)


def lots_of(remainders: list[int]) -> list[Lot]:
    return [Lot(f"lot-{n}", "promo", left, left, 50, 0, None, 0, n) for n, left in enumerate(remainders)]


def plainly(amounts: list[int], remainders: list[int]) -> list[dict[str | None, int]]:
    """What each line takes from each lot, one nano-unit after the other."""
    purse: list[str | None] = [f"lot-{n}" for n, left in enumerate(remainders) for _ in range(left)]
    purse += [None] * sum(amounts)
    lines: list[dict[str | None, int]] = []
    for amount in amounts:
        line: dict[str | None, int] = {}
        for lot in purse[:amount]:
            line[lot] = line.get(lot, 0) + 1
        del purse[:amount]
        lines.append(line)
    return lines


def read_back(amounts: list[int], allocations: tuple[Allocation, ...]) -> list[dict[str | None, int]]:
    """What each line takes from each lot, as a reader of the event finds out."""
    missing = list(amounts)
    lines: list[dict[str | None, int]] = [{} for _ in amounts]
    for part in allocations:
        left = part.amount
        for line in range(part.first_line, part.last_line + 1):
            drawn = min(left, missing[line])
            assert drawn > 0, "every line of a range draws from its lot"
            lines[line][part.lot] = drawn
            missing[line] -= drawn
            left -= drawn
        assert left == 0, "the lines of a range draw all of its amount"
    assert not any(missing)
    return lines


@pytest.mark.parametrize(
    ("amounts", "remainders", "allocations"),
    [
        ([], [10], []),
        ([0, 0], [10], []),
        ([3, 4], [10], [(0, 1, "lot-0", 7)]),
        ([3, 7, 1], [10], [(0, 1, "lot-0", 10), (2, 2, None, 1)]),
        ([3, 9, 1], [10], [(0, 1, "lot-0", 10), (1, 2, None, 3)]),
        ([25], [10, 10], [(0, 0, "lot-0", 10), (0, 0, "lot-1", 10), (0, 0, None, 5)]),
        ([3, 0, 4], [10], [(0, 0, "lot-0", 3), (2, 2, "lot-0", 4)]),
        ([0, 10, 0, 1], [10], [(1, 1, "lot-0", 10), (3, 3, None, 1)]),
        ([5], [], [(0, 0, None, 5)]),
    ],
)
def test_lines_draw_from_lots_in_ranges(
    amounts: list[int], remainders: list[int], allocations: list[tuple[int, int, str | None, int]]
) -> None:
    assert allocate(amounts, lots_of(remainders)) == tuple(Allocation(*each) for each in allocations)


@given(AMOUNTS, REMAINDERS)
def test_the_ranges_say_what_each_line_took_from_each_lot(amounts: list[int], remainders: list[int]) -> None:
    allocations = allocate(amounts, lots_of(remainders))
    assert read_back(amounts, allocations) == plainly(amounts, remainders)


@given(AMOUNTS, REMAINDERS)
def test_a_line_without_charge_belongs_to_no_range(amounts: list[int], remainders: list[int]) -> None:
    for part in allocate(amounts, lots_of(remainders)):
        assert all(amounts[part.first_line : part.last_line + 1])


@given(AMOUNTS, REMAINDERS)
def test_the_shortfall_is_what_no_lot_could_give(amounts: list[int], remainders: list[int]) -> None:
    allocations = allocate(amounts, lots_of(remainders))
    shortfall = sum(part.amount for part in allocations if part.lot is None)
    assert shortfall == max(0, sum(amounts) - sum(remainders))
