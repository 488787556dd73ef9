"""Everything that the store has recorded, as it is read back from its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import LedgerStore

_PAGE: Final = 1_000


class PastEvent(NamedTuple):
    """An event in its place. ``state`` is the fingerprint of its schema (8 bytes) and then its body."""

    shard: int
    position: int
    stream_id: str
    version: int
    envelope: Envelope
    payload: EventPayload
    state: bytes


class History:
    """The events of all shards, in the order in which they were found; of one stream, in the order of its versions."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._read = dict.fromkeys(range(store.shard_count), 0)
        self.events: list[PastEvent] = []

    def follow(self) -> list[PastEvent]:
        """What was recorded since the last time."""
        found = list(self._new())
        self.events += found
        return found

    def of_stream(self, stream_id: str) -> list[PastEvent]:
        return [event for event in self.events if event.stream_id == stream_id]

    def _new(self) -> Iterator[PastEvent]:
        with self._store.transaction(self._read) as transaction:
            for shard, state in transaction.shards.items():
                while self._read[shard] < state.last_position:
                    for placed in transaction.events_after(shard, self._read[shard], _PAGE):
                        self._read[shard] = placed.position
                        stored = placed.stored
                        yield PastEvent(
                            shard,
                            placed.position,
                            str(stored.originator_id),
                            stored.originator_version,
                            *decode_state(stored.state),
                            stored.state,
                        )
