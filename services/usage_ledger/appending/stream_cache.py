"""The streams that an appender has at hand: where each ends, and the state folded from it.

What is cached is right as long as the shard stands where it stood when the cache was filled. The lock tells; when
another appender was there in between, its events are folded in first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import structlog
from eventsourcing.persistence import MapperDeserialisationError

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.deciding import Aggregate
from usage_ledger.leaf import NO_LEAF
from usage_ledger.store import PlacedEvent, ShardState, Snapshot, Transaction

log = structlog.get_logger()

FAST_FORWARD_EVENTS = 5_000
"""Further behind than this, loading what is needed is cheaper than catching up with everything."""


class Restorable(Aggregate, Protocol):
    def snapshot(self) -> bytes: ...
    @classmethod
    def restore(cls, state: bytes, version: int) -> Restorable: ...


class Head:
    """The end of a stream, and its aggregate where somebody asked for it.

    ``is_readable`` is False once one of its events could not be decoded. Where it ends is known even then.
    """

    __slots__ = ("aggregate", "is_readable", "leaf", "version")

    def __init__(self, version: int = 0, leaf: bytes = NO_LEAF, aggregate: Restorable | None = None) -> None:
        self.version = version
        self.leaf = leaf
        self.aggregate = aggregate
        self.is_readable = True

    def follow(self, event: PlacedEvent) -> None:
        """Fold one stored event, the next of its stream."""
        self.version = event.stored.originator_version
        self.leaf = event.leaf
        if self.aggregate is not None:
            self._fold(self.aggregate, event)

    def _fold(self, aggregate: Restorable, event: PlacedEvent) -> None:
        """Only whoever asks for this aggregate is told: nobody else's work stops because of it."""
        try:
            payload = decode_payload(event.stored.state)
        except MapperDeserialisationError:
            log.error("stream_unreadable", stream_id=str(event.stored.originator_id), stream_version=self.version)
            self.aggregate, self.is_readable = None, False
            return
        aggregate.apply(payload, event.recorded_at)
        aggregate.version = self.version


class StreamCache:
    """Heads by stream id, at most ``max_streams`` of them, all at ``position`` of their shard."""

    def __init__(self, max_streams: int) -> None:
        self._max_streams = max_streams
        self._heads: dict[int, dict[str, Head]] = {}
        self._filled_at: dict[int, tuple[str, int]] = {}

    def catch_up(self, transaction: Transaction) -> None:
        """Bring the locked shards' heads to where the shards stand."""
        for shard, state in transaction.shards.items():
            standing = (state.incarnation, state.last_position)
            if self._filled_at.get(shard) != standing:
                self._fast_forward(transaction, state)
                self._filled_at[shard] = standing

    def committed(self, positions: Mapping[int, int]) -> None:
        """The shards now stand at these positions, and the heads with them."""
        for shard, position in positions.items():
            self._filled_at[shard] = (self._filled_at[shard][0], position)
        self._evict()

    def forget(self, shards: Iterable[int]) -> None:
        """After a failed transaction nothing that it touched is to be trusted."""
        for shard in shards:
            self._heads.pop(shard, None)
            self._filled_at.pop(shard, None)

    def find(self, shard: int, stream_id: str) -> Head | None:
        return self._heads.setdefault(shard, {}).get(stream_id)

    def load_head(self, transaction: Transaction, shard: int, stream_id: str) -> Head:
        """The end of a stream whose state nobody needs."""
        head = self.find(shard, stream_id)
        if head is None:
            last = transaction.last_of_stream(shard, stream_id)
            head = Head(last.stored.originator_version, last.leaf) if last else Head()
            self._heads[shard][stream_id] = head
        return head

    def load_aggregates(
        self, transaction: Transaction, shard: int, kind: type[Restorable], stream_ids: Iterable[str]
    ) -> list[str]:
        """Fold these streams, those that are not at hand: two queries, however many they are. Answers which."""
        heads = self._heads.setdefault(shard, {})
        missing = [stream for stream in stream_ids if _is_missing(heads.get(stream))]
        if not missing:
            return missing
        snapshots = transaction.snapshots(missing)
        for stream_id in missing:
            heads[stream_id] = _start(kind, snapshots.get(stream_id))
        for event in transaction.streams(shard, {stream_id: heads[stream_id].version for stream_id in missing}):
            heads[str(event.stored.originator_id)].follow(event)
        return missing

    def _fast_forward(self, transaction: Transaction, state: ShardState) -> None:
        heads = self._heads.setdefault(state.shard, {})
        incarnation, position = self._filled_at.get(state.shard, ("", 0))
        if not heads:
            return
        if incarnation != state.incarnation or not 0 <= state.last_position - position <= FAST_FORWARD_EVENTS:
            heads.clear()
            return
        _follow_known(heads, transaction.events_after(state.shard, position, FAST_FORWARD_EVENTS))

    def _evict(self) -> None:
        """Drop the oldest tenth of a full shard's heads; whoever is still in use is loaded again."""
        for heads in self._heads.values():
            if len(heads) > self._max_streams:
                for stream_id in list(heads)[: len(heads) // 10 + len(heads) - self._max_streams]:
                    del heads[stream_id]


def _is_missing(head: Head | None) -> bool:
    return head is None or (head.aggregate is None and head.is_readable)


def _follow_known(heads: dict[str, Head], events: Sequence[PlacedEvent]) -> None:
    for event in events:
        head = heads.get(str(event.stored.originator_id))
        if head is not None:
            head.follow(event)


def _start(kind: type[Restorable], snapshot: Snapshot | None) -> Head:
    if snapshot is None:
        return Head(aggregate=kind())
    aggregate = kind.restore(snapshot.state, snapshot.stream_version)
    return Head(snapshot.stream_version, snapshot.leaf, aggregate)
