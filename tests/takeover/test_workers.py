"""Relays and projectors share the shards; what a killed one served goes to the others, nothing is lost or doubled."""

from __future__ import annotations

import pytest

from flow.traffic import all_there, assert_exact
from waiting import eventually

SHORT_LEASE = ("--lease-seconds", "2")
OTHER = {"relay": "projector", "projector": "relay"}


def shared(held: dict[int, set[int]], *processes) -> bool:
    return [len(held.get(process.pid, ())) for process in processes] == [2, 2]


@pytest.mark.parametrize("job", ["relay", "projector"])
def test_two_share_the_shards_and_one_takes_over_when_the_other_is_killed(
    topic, start, traffic, one, holders, replayed, job
):
    start(OTHER[job])
    pair = [start(job, *SHORT_LEASE), start(job, *SHORT_LEASE)]
    eventually(lambda: shared(holders(job), *pair))
    traffic.add(3)
    eventually(all_there(one, traffic))
    killed, survivor = pair
    traffic.add(3)
    killed.kill()
    killed.wait()
    traffic.add(3)
    eventually(all_there(one, traffic))
    eventually(lambda: holders(job) == {survivor.pid: {0, 1, 2, 3}})
    assert_exact(one, traffic)
    assert replayed()["agrees"]


@pytest.mark.parametrize("job", ["relay", "projector"])
def test_a_worker_that_comes_later_gets_its_share_under_load(topic, start, traffic, one, holders, replayed, job):
    start(OTHER[job])
    first = start(job, *SHORT_LEASE)
    traffic.add(3)
    eventually(all_there(one, traffic))
    eventually(lambda: holders(job) == {first.pid: {0, 1, 2, 3}})
    second = start(job, *SHORT_LEASE)
    while not shared(holders(job), first, second):
        traffic.add(1)
    traffic.add(3)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)
    assert replayed()["agrees"]


def test_all_workers_of_a_kind_may_be_killed_at_once(topic, start, traffic, one, replayed):
    workers = [start(job, *SHORT_LEASE) for job in ("relay", "projector") for _ in range(2)]
    traffic.add(3)
    for worker in workers:
        worker.kill()
        worker.wait()
    traffic.add(3)
    for job in ("relay", "projector"):
        start(job, *SHORT_LEASE)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)
    assert replayed()["agrees"]
