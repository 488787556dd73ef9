"""The relay on a real store: at least once, in order, without holes, whatever fails in between."""

from itertools import pairwise

import pytest
from prometheus_client import REGISTRY

from publishing.stored import leaf_of, store
from publishing.topic_in_memory import TopicInMemory
from usage_ledger.publishing.event_tail import EventTail
from usage_ledger.publishing.publisher import OutgoingRecord
from usage_ledger_schemas import codec
from usage_ledger_schemas.metrics import relay_halted
from views.recorded import Shard
from waiting import eventually


@pytest.fixture
def other_shard(owner):
    """One event in shard 1; tells how far that shard was published."""
    second = Shard(shard=1, tenant="beta")
    second.open_account()
    query = "SELECT position FROM ledger.relay_checkpoints WHERE shard = 1"

    def add():
        store(owner, second.events)

    add.checkpoint = lambda: owner.execute(query).fetchone()[0]
    return add


def test_records_carry_the_stored_bytes_and_their_place(start_relay, stored, topic, shard, owner):
    stored(1)
    start_relay()
    eventually(lambda: topic.log)
    event = shard.events[0]
    (record,) = [published.record for published in topic.log]
    incarnation = owner.execute("SELECT incarnation FROM ledger.shards WHERE shard = 0").fetchone()[0]
    assert record.key == event.stream_id.encode()
    assert codec.unframe(record.value) == (event.fingerprint, event.body)
    assert dict(record.headers) == {
        "version": (1).to_bytes(8, "big"),
        "position": (1).to_bytes(8, "big"),
        "incarnation": incarnation.encode(),
        "leaf": leaf_of(event),
    }


def test_events_come_in_order_and_each_once_while_nothing_fails(start_relay, stored, topic, checkpoint):
    start_relay(max_events=3)
    for _ in range(4):
        stored(5)
    eventually(lambda: checkpoint() == 20)
    assert topic.positions() == list(range(1, 21))


def test_a_read_is_cut_by_bytes_but_never_to_nothing(connect, stored):
    stored(10)
    with connect() as connection:
        all_at_once = EventTail(connection, 100, 10**6).read({0: 0})[0].events
        one = EventTail(connection, 100, 1).read({0: 0})[0].events
        some = EventTail(connection, 100, 3 * (256 + len(all_at_once[0].body))).read({0: 0})[0].events
    assert [event.position for event in all_at_once] == list(range(1, 11))
    assert [event.position for event in one] == [1]
    assert 1 < len(some) < 10


def test_after_a_crash_between_sending_and_checkpoint_everything_is_sent_again(
    start_relay, stored, topic, checkpoint, owner
):
    stored(5)
    topic.stalled = {0}
    crashed = start_relay(lease_s=0.3)
    eventually(lambda: topic.positions() == [1, 2, 3, 4, 5])
    crashed.stop()
    assert checkpoint() == 0
    topic.stalled = set()
    stored(2)
    start_relay()
    eventually(lambda: checkpoint() == 7)
    assert topic.positions() == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]


def test_what_kafka_did_not_take_is_sent_again_before_anything_later(start_relay, stored, topic, checkpoint):
    topic.failing = {0}
    start_relay()
    stored(3)
    eventually(lambda: len(topic.log) >= 6)
    assert checkpoint() == 0
    stored(1)
    topic.failing = set()
    eventually(lambda: checkpoint() == 4)
    positions = topic.positions()
    for earlier, later in pairwise(positions):
        assert later <= earlier + 1, "a hole"
    assert positions[-1] == 4


def test_a_shard_whose_acknowledgements_stall_does_not_hold_up_the_others(
    start_relay, stored, topic, checkpoint, other_shard
):
    topic.stalled = {0}
    start_relay()
    stored(2)
    eventually(lambda: topic.positions() == [1, 2])
    other_shard()
    eventually(lambda: other_shard.checkpoint() == 1)
    assert checkpoint() == 0


@pytest.mark.parametrize("missing", ["position = 2", "position >= 2"])
def test_a_hole_in_the_positions_halts_its_shard_and_no_other(
    start_relay, stored, topic, checkpoint, owner, other_shard, missing
):
    stored(3)
    owner.execute(f"DELETE FROM ledger.events WHERE shard = 0 AND {missing}")
    owner.execute("UPDATE ledger.relay_checkpoints SET position = 1 WHERE shard = 0")
    publish_first(topic, owner)
    relay_halted.remove("0", "hole")
    start_relay()
    eventually(lambda: REGISTRY.get_sample_value("usage_ledger_relay_halted", {"shard": "0", "reason": "hole"}) == 1)
    other_shard()
    eventually(lambda: other_shard.checkpoint() == 1)
    assert topic.positions() == [1]
    assert checkpoint() == 1


def publish_first(topic: TopicInMemory, owner) -> None:
    """As if position 1 of shard 0 had been published."""
    query = """SELECT leaf, (SELECT incarnation FROM ledger.shards WHERE shard = 0)
                 FROM ledger.events WHERE shard = 0 AND position = 1"""
    leaf, incarnation = owner.execute(query).fetchone()
    headers = [("position", (1).to_bytes(8, "big")), ("incarnation", incarnation.encode()), ("leaf", leaf)]
    topic.send(0, [OutgoingRecord(b"key", b"value", headers)])


def test_a_relay_that_was_paused_cannot_move_a_checkpoint_that_another_moved(connect, stored):
    stored(5)
    with connect() as paused, connect() as successor:
        assert EventTail(successor, 10, 10**6).advance([(0, 0, 5)]) == {0}
        assert EventTail(paused, 10, 10**6).advance([(0, 0, 3)]) == set()
        assert EventTail(paused, 10, 10**6).standing(0).checkpoint == 5


def test_a_fenced_relay_gives_the_shard_up_and_begins_again_from_the_checkpoint(
    start_relay, stored, topic, checkpoint, owner
):
    topic.stalled = {0}
    start_relay(lease_s=0.3)
    stored(3)
    eventually(lambda: topic.positions() == [1, 2, 3])
    owner.execute("UPDATE ledger.relay_checkpoints SET position = 2 WHERE shard = 0")
    topic.stalled = set()
    eventually(lambda: checkpoint() == 3)
    assert topic.positions() == [1, 2, 3, 3]
