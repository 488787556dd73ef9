"""How far the views are, by shard: offsets of Kafka kept in Postgres, in the transaction of their effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from usage_ledger_views.columns import columns

# A shard that was never served begins at the start of its partition.
_BEGIN = """
    INSERT INTO views.progress (shard) SELECT unnest(%b::int[]) ON CONFLICT (shard) DO NOTHING
"""

# Where to go on reading.
_SELECT = "SELECT shard, next_offset, position, repairs FROM views.progress WHERE shard = ANY(%b::int[])"

# Compare-and-set: whoever read from another offset than the row says has lost the shard, and whoever missed a repair
# believes a stream to be blocked that is not. Neither writes anything.
_ADVANCE = """
    UPDATE views.progress AS progress
       SET next_offset = step.next_offset, position = greatest(progress.position, step.position),
           recorded_at = greatest(progress.recorded_at, step.recorded_at)
      FROM unnest(%b::int[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
           AS step (shard, from_offset, repairs, next_offset, position, recorded_at)
     WHERE progress.shard = step.shard AND progress.next_offset = step.from_offset
       AND progress.repairs = step.repairs
"""


# How many repairs each shard has seen.
_REPAIRS = "SELECT shard, repairs FROM views.progress WHERE shard = ANY(%b::int[])"

# Locks the shard's row until the repair commits: no projector writes meanwhile, and none afterwards without noticing.
_BEGIN_REPAIR = "UPDATE views.progress SET repairs = repairs + 1 WHERE shard = %b RETURNING position"


class Progress(NamedTuple):
    """The next offset to read, the highest position taken in, and how many repairs there were."""

    next_offset: int
    position: int
    repairs: int


class Step(NamedTuple):
    """How a batch moves a shard on. ``recorded_at`` is microseconds UTC, 0 if the batch applied nothing."""

    shard: int
    from_offset: int
    repairs: int
    next_offset: int
    position: int
    recorded_at: int


class OffsetMoved(Exception):
    """Another projector has moved a shard on since this one read its offset, or a repair has."""


def begin(cursor: Cursor[Any], shards: Sequence[int]) -> Mapping[int, Progress]:
    """The progress of each shard, made if it is the first time. Raises psycopg.Error."""
    wanted = sorted(shards)
    cursor.execute(_BEGIN, (wanted,))
    return {row[0]: Progress(*row[1:]) for row in cursor.execute(_SELECT, (wanted,))}


def advance(cursor: Cursor[Any], steps: Iterable[Step]) -> None:
    """Move shards on within the transaction of the effects. Raises OffsetMoved, psycopg.Error."""
    rows = columns(sorted(steps))
    cursor.execute(_ADVANCE, rows)
    if cursor.rowcount != len(rows[0]):
        raise OffsetMoved(f"shards {rows[0]}")


def repairs(cursor: Cursor[Any], shards: Sequence[int]) -> dict[int, int]:
    """How many repairs there were, by shard. Raises psycopg.Error."""
    return dict(cursor.execute(_REPAIRS, (sorted(shards),)).fetchall())


def begin_repair(cursor: Cursor[Any], shard: int) -> int:
    """Keep projectors out of the shard until the transaction ends; the position that its views are at.

    Raises psycopg.Error.
    """
    row = cursor.execute(_BEGIN_REPAIR, (shard,)).fetchone()
    return 0 if row is None else row[0]
