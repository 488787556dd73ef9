"""Parallel steps are tried in every order while they are few, else in twenty, always the same ones."""

from __future__ import annotations

import pytest

from usage_ledger.scenarios.orders import orders_of
from usage_ledger.scenarios.steps import Case, Command, Parallel


def case_of(*sizes):
    command = Command("PostEntry", {}, "id", False, "test", None, "when 1")
    steps = tuple(Parallel((command,) * size) for size in sizes)
    return Case("one", "", (), 0, (), (), steps, {}, "file")


@pytest.mark.parametrize(("sizes", "count"), [((), 1), ((2,), 2), ((3,), 6), ((4,), 24), ((2, 2), 4), ((2, 3), 12)])
def test_few_steps_are_tried_in_every_order(sizes, count):
    orders = list(orders_of(case_of(*sizes)))
    assert len(set(orders)) == len(orders) == count


@pytest.mark.parametrize("sizes", [(5,), (10,), (4, 4)])
def test_of_many_steps_twenty_orders_are_tried_and_that_of_the_file_first(sizes):
    orders = list(orders_of(case_of(*sizes)))
    assert len(set(orders)) == len(orders) == 20
    assert orders[0] == tuple(tuple(range(size)) for size in sizes)


def test_they_are_the_same_in_every_run():
    assert list(orders_of(case_of(10))) == list(orders_of(case_of(10)))
