"""One process a shard; another takes over when the lease lapses or is given back."""

import pytest

from usage_ledger.adapters.postgres.leases import Leases
from waiting import eventually


@pytest.fixture
def two(connect):
    with connect() as one, connect() as other:
        yield one, other


def test_a_shard_is_held_by_one_process_at_a_time(two):
    first, second = Leases("relay", range(4)), Leases("relay", range(4))
    assert first.renew(two[0]) == {0, 1, 2, 3}
    assert second.renew(two[1]) == set()
    assert first.renew(two[0]) == {0, 1, 2, 3}


def test_jobs_do_not_take_each_others_shards(two):
    assert Leases("relay", [0]).renew(two[0]) == {0}
    assert Leases("projector", [0]).renew(two[1]) == {0}


def test_what_nobody_holds_is_taken_shard_by_shard(two):
    assert Leases("relay", [1, 2]).renew(two[0]) == {1, 2}
    assert Leases("relay", range(4)).renew(two[1]) == {0, 3}


def test_a_lease_that_lapsed_is_taken_over_and_its_holder_notices(two):
    first, second = Leases("relay", [0], lease_s=0.1), Leases("relay", [0])
    first.renew(two[0])
    eventually(lambda: second.renew(two[1]) == {0})
    assert first.renew(two[0]) == set()


def test_a_lease_that_was_given_back_is_free_at_once(two):
    first, second = Leases("relay", [0]), Leases("relay", [0])
    first.renew(two[0])
    first.release(two[0])
    assert second.renew(two[1]) == {0}
    second.release(two[0])


def test_giving_back_does_not_take_from_the_next_holder(two):
    first, second = Leases("relay", [0], lease_s=0.1), Leases("relay", [0])
    first.renew(two[0])
    eventually(lambda: second.renew(two[1]) == {0})
    first.release(two[0])
    assert Leases("relay", [0]).renew(two[0]) == set()
