"""Workers share a job's shards evenly, and what a dead one held goes to the others."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S, Leases
from usage_ledger.adapters.postgres.shared_leases import SharedLeases
from waiting import eventually

SHARDS = range(4)


@pytest.fixture
def worker(connect):
    """Starts a worker: each call of it is one renewal, which answers the shards it holds."""
    with ExitStack() as open_connections:

        def start(shards=SHARDS, kind=SharedLeases, **options):
            leases, connection = kind("relay", shards, **options), open_connections.enter_context(connect())

            def renew():
                return set(leases.renew(connection))

            renew.leave = lambda: leases.release(connection)
            return renew

        yield start


def settled(*workers):
    """What each holds once nothing changes any more."""
    for _ in range(3):
        held = [renew() for renew in workers]
    return held


def test_one_worker_serves_all_shards_at_once(worker):
    assert worker()() == {0, 1, 2, 3}


@pytest.mark.parametrize(("count", "sizes"), [(2, [2, 2]), (3, [1, 1, 2]), (4, [1, 1, 1, 1]), (5, [0, 1, 1, 1, 1])])
def test_several_hold_equal_shares_and_together_all_shards(worker, count, sizes):
    held = settled(*(worker() for _ in range(count)))
    assert sorted(map(len, held)) == sizes
    assert sorted(shard for shards in held for shard in shards) == [0, 1, 2, 3]


def test_a_worker_that_comes_later_gets_its_share_from_the_first(worker):
    first = worker()
    assert first() == {0, 1, 2, 3}
    second = worker()
    assert second() == set()
    assert len(first()) == 2
    assert len(second()) == 2


def test_a_share_that_nobody_renews_is_taken_over_by_the_other(worker):
    dead, survivor = worker(lease_s=0.3), worker()
    settled(dead, survivor)
    eventually(lambda: survivor() == {0, 1, 2, 3})


def test_a_share_that_is_given_back_is_taken_over_at_once(worker):
    leaving, staying = worker(), worker()
    settled(leaving, staying)
    leaving.leave()
    assert staying() == {0, 1, 2, 3}


def test_a_worker_that_stands_by_gets_the_place_of_one_that_leaves(worker):
    workers = [worker() for _ in range(5)]
    held = settled(*workers)
    (standing_by,) = [renew for renew, shards in zip(workers, held, strict=True) if not shards]
    workers[0].leave()
    assert len(standing_by()) == 1


def test_a_worker_that_was_told_its_shards_keeps_them_beside_those_that_share(worker):
    told = worker([3], Leases)
    assert told() == {3}
    one, other = worker(), worker()
    held = settled(one, other)
    assert sorted(shard for shards in held for shard in shards) == [0, 1, 2]
    assert told() == {3}


def test_many_shards_are_shared_by_all(worker):
    held = settled(*(worker(range(64)) for _ in range(3)))
    assert sorted(map(len, held)) == [21, 21, 22]
    assert set().union(*held) == set(range(64))


def test_a_lease_lapses_early_enough_for_a_takeover_within_ten_seconds():
    # Worst case: death right after a renewal, and the others' renewal right before the lease lapses.
    noticed_after_s = DEFAULT_LEASE_S + SharedLeases("relay", SHARDS).renew_every_s
    assert noticed_after_s <= 8, "two seconds are left to open connections and to read the end of the topic"
