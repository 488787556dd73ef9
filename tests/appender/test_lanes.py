"""Single commands do not wait behind batches, batches do not wait for ever, and nobody overtakes within a lane."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.appending.lanes import Lanes


class Job(NamedTuple):
    name: str
    items: int


def waiting(*jobs: Job) -> Lanes[Job]:
    lanes: Lanes[Job] = Lanes()
    for job in jobs:
        if job.items == 1:
            lanes.add_single(job)
        else:
            lanes.add_batch([job])
    return lanes


def names(jobs: list[Job]) -> str:
    return "".join(job.name for job in jobs)


def test_a_single_command_goes_before_the_batches_that_came_earlier() -> None:
    lanes = waiting(Job("A", 10), Job("B", 10), Job("a", 1))
    assert [names(lanes.take(20)), names(lanes.take(20))] == ["a", "AB"]


def test_batches_have_their_turn_however_many_single_commands_there_are() -> None:
    lanes = waiting(Job("A", 10), Job("a", 1))
    assert names(lanes.take(20)) == "a"
    lanes.add_single(Job("b", 1))
    assert names(lanes.take(20)) == "Ab"
    lanes.add_batch([Job("B", 10)])
    lanes.add_single(Job("c", 1))
    assert names(lanes.take(20)) == "c"


def test_as_many_single_commands_as_a_group_has_do_not_keep_batches_out() -> None:
    lanes = waiting(Job("A", 3), *[Job("s", 1) for _ in range(20)])
    assert [names(lanes.take(5)), names(lanes.take(5)), names(lanes.take(5))] == ["sssss", "Ass", "sssss"]


def test_a_batch_larger_than_a_group_goes_alone() -> None:
    lanes = waiting(Job("A", 50), Job("B", 2))
    assert [names(lanes.take(20)), names(lanes.take(20))] == ["A", "B"]
    assert not lanes


@given(st.lists(st.integers(1, 9), max_size=40), st.integers(1, 12))
def test_everything_is_taken_once_and_in_the_order_of_its_lane(sizes: list[int], most: int) -> None:
    jobs = [Job(str(index), size) for index, size in enumerate(sizes)]
    lanes, taken = waiting(*jobs), list[Job]()
    while lanes:
        group = lanes.take(most)
        assert group
        assert len(group) == 1 or sum(job.items for job in group) <= most
        taken += group
    assert lanes.items == 0
    for is_single in (True, False):
        assert [job for job in taken if (job.items == 1) is is_single] == [
            job for job in jobs if (job.items == 1) is is_single
        ]
