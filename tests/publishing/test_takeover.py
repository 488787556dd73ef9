"""Where a relay begins, and when it must not: a decision on the topic's end and the store's row alone."""

import pytest

from usage_ledger.publishing.event_tail import Standing
from usage_ledger.publishing.takeover import PublishedEvent, RelayHalted, TopicEnd, resume_position

LEAVES = {n: bytes([n]) * 32 for n in range(1, 11)}


def leaf_at(_shard: int, position: int) -> bytes | None:
    return LEAVES.get(position)


def end(position: int, incarnation: str = "one", leaf: bytes | None = None) -> TopicEnd:
    return TopicEnd(True, PublishedEvent(position, incarnation, LEAVES.get(position, b"") if leaf is None else leaf))


STORE = Standing(last_position=10, incarnation="one", checkpoint=7)


@pytest.mark.parametrize(
    ("case", "found", "begins_after"),
    [
        ("the topic ends at the checkpoint", end(7), 7),
        ("events were sent but not checkpointed: they are sent again", end(9), 7),
        ("the topic lost events: they are sent again", end(4), 4),
        ("the topic is new: everything is sent again", TopicEnd(False, None), 0),
        ("retention took everything", TopicEnd(True, None), 7),
    ],
)
def test_a_relay_begins_after_what_kafka_and_the_checkpoint_both_have(case, found, begins_after):
    assert resume_position(0, STORE, found, leaf_at) == begins_after


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (end(11, leaf=b"x"), "kafka_ahead"),
        (end(7, incarnation="two"), "other_incarnation"),
        (end(7, leaf=bytes(32)), "history_differs"),
        (end(0, incarnation="one", leaf=b""), "history_differs"),
    ],
)
def test_a_relay_halts_where_the_topic_tells_another_story(found, reason):
    with pytest.raises(RelayHalted) as halted:
        resume_position(3, STORE, found, leaf_at)
    assert (halted.value.shard, halted.value.reason) == (3, reason)
