"""What a relay does before it serves a shard: it compares the end of the topic with the store.

Kafka may be behind the store, or even empty; it may never be ahead of it or tell another story. If it does, the store
was restored to an earlier state and readers already know events that it has forgotten: only people can decide then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from usage_ledger.publishing.event_tail import Standing


class TopicEnd(NamedTuple):
    """The last record of a shard's partition, and whether the partition ever held one."""

    ever_written: bool
    last: PublishedEvent | None


class PublishedEvent(NamedTuple):
    """What a record on the topic says about its event."""

    position: int
    incarnation: str
    leaf: bytes


class RelayHalted(Exception):
    """Going on would harm readers. ``reason`` is a stable word for metrics and logs."""

    def __init__(self, shard: int, reason: str, detail: str) -> None:
        super().__init__(f"shard {shard}: {detail}")
        self.shard = shard
        self.reason = reason


def resume_position(shard: int, standing: Standing, end: TopicEnd, leaf_at: Callable[[int, int], bytes | None]) -> int:
    """The position to publish after: the checkpoint, or less if Kafka has lost what was published.

    Raises RelayHalted: ``kafka_ahead``, ``other_incarnation``, ``history_differs``.
    """
    if not end.ever_written:
        return 0
    if end.last is None:
        return standing.checkpoint  # retention took everything, after readers had the time that it grants
    _check(shard, standing, end.last, leaf_at)
    return min(standing.checkpoint, end.last.position)


def _check(shard: int, standing: Standing, last: PublishedEvent, leaf_at: Callable[[int, int], bytes | None]) -> None:
    if last.incarnation != standing.incarnation:
        raise RelayHalted(shard, "other_incarnation", "the topic holds events of another incarnation of this store")
    if last.position > standing.last_position:
        ahead = f"Kafka holds position {last.position}, the store ends at {standing.last_position}"
        raise RelayHalted(shard, "kafka_ahead", ahead)
    if leaf_at(shard, last.position) != last.leaf:
        raise RelayHalted(shard, "history_differs", f"Kafka and the store have different events at {last.position}")
