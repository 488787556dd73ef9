"""What the reactor asks of the event store: the next facts of its shards, and its checkpoints.

Positions are handed out under the shard's lock and become visible in commit order, so reading those above a checkpoint
never skips one that commits later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger_schemas.registry import SCHEMAS

SCAN_POSITIONS = 2_000
"""Looked through at a time, and reacted to again by whoever takes over in the middle."""

# A shard that was never served begins at its first event.
_BEGIN = """
    INSERT INTO ledger.reactor_checkpoints (shard, position)
    SELECT shard, 0 FROM unnest(%b::int[]) AS shard ON CONFLICT (shard) DO NOTHING
"""

# Where to go on.
_CHECKPOINTS = "SELECT shard, position FROM ledger.reactor_checkpoints WHERE shard = ANY(%b::int[])"

# The facts among the next events of every shard that has some, in one query. Whatever is no fact stays where it is: its
# body is not even read. A shard without a fact answers one row, with nulls, that tells how far was looked.
_READ = """
    SELECT shard.shard, shard.last_position,
           least(shard.last_position, checkpoint.position + %b::bigint) AS seen, fact.position, fact.state
      FROM unnest(%b::int[], %b::bigint[]) AS checkpoint (shard, position)
      JOIN ledger.shards AS shard ON shard.shard = checkpoint.shard AND shard.last_position > checkpoint.position
      LEFT JOIN LATERAL (
           SELECT event.position, event.fingerprint || event.body AS state
             FROM ledger.events AS event
            WHERE event.shard = checkpoint.shard AND event.position > checkpoint.position
              AND event.position <= least(shard.last_position, checkpoint.position + %b::bigint)
              AND event.fingerprint = ANY(%b::bytea[])) AS fact ON true
     ORDER BY shard.shard, fact.position
"""

# Compare-and-set: a reactor that was paused while another took over cannot move a checkpoint, least of all back.
_ADVANCE = """
    UPDATE ledger.reactor_checkpoints AS checkpoint SET position = step.seen
      FROM unnest(%b::int[], %b::bigint[], %b::bigint[]) AS step (shard, position, seen)
     WHERE checkpoint.shard = step.shard AND checkpoint.position = step.position
    RETURNING checkpoint.shard
"""


class Fact(NamedTuple):
    """An event that something may follow from, at ``position`` of its shard.

    As stored: what cannot be decoded is the trouble of its shard alone, and of nobody who reads several.
    """

    position: int
    state: bytes

    def decoded(self) -> tuple[Envelope, EventPayload]:
        """Raises MapperDeserialisationError."""
        return decode_state(self.state)


class ShardFacts(NamedTuple):
    """The facts of a shard from its checkpoint up to position ``seen``; the shard itself stands at the last one."""

    last_position: int
    seen: int
    facts: list[Fact]


class FactTail:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any], facts: Iterable[type[EventPayload]]) -> None:
        self._connection = connection
        self._fingerprints = SCHEMAS.fingerprints_of(*[fact.__name__ for fact in facts])

    def begin(self, shards: Sequence[int]) -> dict[int, int]:
        """The checkpoint of each shard, made if it is the first time."""
        self._cursor().execute(_BEGIN, (list(shards),))
        return dict(self._cursor().execute(_CHECKPOINTS, (list(shards),)).fetchall())

    def read(self, checkpoints: Mapping[int, int]) -> dict[int, ShardFacts]:
        """What follows the checkpoints, of each shard that has something."""
        shards = sorted(checkpoints)
        positions = [checkpoints[shard] for shard in shards]
        values = (SCAN_POSITIONS, shards, positions, SCAN_POSITIONS, self._fingerprints)
        found: dict[int, ShardFacts] = {}
        for shard, last_position, seen, position, state in self._cursor().execute(_READ, values):
            tail = found.setdefault(shard, ShardFacts(last_position, seen, []))
            if position is not None:
                tail.facts.append(Fact(position, state))
        return found

    def advance(self, steps: Iterable[tuple[int, int, int]]) -> set[int]:
        """Move checkpoints by (shard, from, to). Returns the shards whose checkpoint was where it was thought to be."""
        columns = [list(column) for column in zip(*sorted(steps), strict=True)]
        return {row[0] for row in self._cursor().execute(_ADVANCE, columns)}

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)
