"""What the relay asks of the event store: the next events of its shards, and its checkpoints.

Positions are handed out under the shard's lock and become visible in commit order, so reading those above a checkpoint
never skips one that commits later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

# The next events of every shard that has some, by count and by bytes, in one query. A shard whose row says that there
# are events answers at least one row, with nulls if the events are missing: that must not look like an idle shard.
# Key and headers of a record count as 256 bytes.
_READ = """
    SELECT shard.shard, shard.last_position, shard.incarnation, event.*
      FROM unnest(%b::int[], %b::bigint[]) AS checkpoint (shard, position)
      JOIN ledger.shards AS shard ON shard.shard = checkpoint.shard AND shard.last_position > checkpoint.position
      LEFT JOIN LATERAL (
           SELECT position, stream_id, stream_version, recorded_at, fingerprint, leaf, body
             FROM (SELECT next.*, sum(octet_length(next.body) + 256) OVER (ORDER BY next.position) AS bytes_so_far
                     FROM (SELECT * FROM ledger.events
                            WHERE events.shard = checkpoint.shard AND events.position > checkpoint.position
                            ORDER BY events.position LIMIT %b) AS next) AS sized
            WHERE bytes_so_far - octet_length(body) - 256 < %b
            ORDER BY position) AS event ON true
     ORDER BY shard.shard, event.position
"""

# Compare-and-set: a relay that was paused while another took over cannot move a checkpoint, least of all back.
_ADVANCE = """
    UPDATE ledger.relay_checkpoints AS checkpoint SET position = step.published
      FROM unnest(%b::int[], %b::bigint[], %b::bigint[]) AS step (shard, position, published)
     WHERE checkpoint.shard = step.shard AND checkpoint.position = step.position
    RETURNING checkpoint.shard
"""

# Where the store and its relay stand, for a take-over.
_STANDING = """
    SELECT shard.last_position, shard.incarnation, checkpoint.position
      FROM ledger.shards AS shard JOIN ledger.relay_checkpoints AS checkpoint USING (shard)
     WHERE shard.shard = %b
"""

# What the store has at a position that Kafka holds too.
_LEAF = "SELECT leaf FROM ledger.events WHERE shard = %b AND position = %b"


class TailEvent(NamedTuple):
    """An event as it is published. ``fingerprint`` and ``body`` are the bytes that the store holds."""

    position: int
    stream_id: str
    stream_version: int
    recorded_at: int
    fingerprint: bytes
    leaf: bytes
    body: bytes


class ShardTail(NamedTuple):
    """What a shard has after its checkpoint. ``events`` is empty where the store lost them."""

    last_position: int
    incarnation: str
    events: list[TailEvent]


class Standing(NamedTuple):
    """A shard of the store and the checkpoint of its relay."""

    last_position: int
    incarnation: str
    checkpoint: int


class EventTail:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any], max_events: int, max_bytes: int) -> None:
        """A shard's read stops after ``max_events``, or with the event that reaches ``max_bytes``."""
        self._connection = connection
        self._max_events = max_events
        self._max_bytes = max_bytes

    def read(self, checkpoints: Mapping[int, int]) -> dict[int, ShardTail]:
        """The next events of each shard that has more than its checkpoint says."""
        shards = sorted(checkpoints)
        positions = [checkpoints[shard] for shard in shards]
        tails: dict[int, ShardTail] = {}
        for row in self._cursor().execute(_READ, (shards, positions, self._max_events, self._max_bytes)):
            tail = tails.setdefault(row[0], ShardTail(row[1], row[2], []))
            if row[3] is not None:
                tail.events.append(TailEvent._make(row[3:]))
        return tails

    def advance(self, steps: Iterable[tuple[int, int, int]]) -> set[int]:
        """Move checkpoints by (shard, from, to). Returns the shards whose checkpoint was where it was thought to be."""
        columns = [list(column) for column in zip(*sorted(steps), strict=True)]
        return {row[0] for row in self._cursor().execute(_ADVANCE, columns)}

    def standing(self, shard: int) -> Standing:
        row = self._cursor().execute(_STANDING, (shard,)).fetchone()
        if row is None:
            raise LookupError(f"the store has no shard {shard}: run `usage-ledger migrate`")
        return Standing._make(row)

    def leaf_at(self, shard: int, position: int) -> bytes | None:
        row = self._cursor().execute(_LEAF, (shard, position)).fetchone()
        return None if row is None else row[0]

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)
