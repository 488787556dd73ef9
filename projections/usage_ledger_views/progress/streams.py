"""The last applied version of each stream, and the streams that wait for a repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Cursor

from usage_ledger_views.columns import columns
from usage_ledger_views.projecting.screening import Blocked

# Last versions of the streams that a batch brings.
_VERSIONS = "SELECT stream_id, version FROM views.streams WHERE stream_id = ANY(%b::text[])"

# The new last versions, in the transaction of the effects.
_SET_VERSIONS = """
    INSERT INTO views.streams AS stream (stream_id, shard, version)
    SELECT * FROM unnest(%b::text[], %b::int[], %b::bigint[])
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version
"""

# A stream is blocked once: the first reason is the one to repair.
_BLOCK = """
    INSERT INTO views.blocked_streams (stream_id, shard, reason, detail, record_offset, position, last_version)
    SELECT * FROM unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[])
    ON CONFLICT (stream_id) DO NOTHING
"""

# The shard of a blocked stream.
_BLOCKED_SHARD = "SELECT shard FROM views.blocked_streams WHERE stream_id = %b"

# A repaired stream goes on.
_UNBLOCK = "DELETE FROM views.blocked_streams WHERE stream_id = %b"

# What must not go on, by shard.
_BLOCKED = "SELECT stream_id, shard FROM views.blocked_streams WHERE shard = ANY(%b::int[])"


def versions(cursor: Cursor[Any], stream_ids: Iterable[str]) -> dict[str, int]:
    """Last versions by stream; a stream that was never seen is not in it. Raises psycopg.Error."""
    return dict(cursor.execute(_VERSIONS, (sorted(stream_ids),)).fetchall())


def set_versions(cursor: Cursor[Any], last: Mapping[str, tuple[int, int]]) -> None:
    """Shard and last version by stream. Raises psycopg.Error."""
    if last:
        cursor.execute(_SET_VERSIONS, columns((stream_id, *last[stream_id]) for stream_id in sorted(last)))


def block(cursor: Cursor[Any], blocked: Iterable[Blocked]) -> None:
    """Raises psycopg.Error."""
    rows = sorted(blocked)
    if rows:
        cursor.execute(_BLOCK, columns(rows))


def blocked_streams(cursor: Cursor[Any], shards: Sequence[int]) -> dict[str, int]:
    """Blocked streams of these shards, each with its shard. Raises psycopg.Error."""
    return dict(cursor.execute(_BLOCKED, (sorted(shards),)).fetchall())


def blocked_shard(cursor: Cursor[Any], stream_id: str) -> int | None:
    """The shard of a blocked stream, None if it is not blocked. Raises psycopg.Error."""
    row = cursor.execute(_BLOCKED_SHARD, (stream_id,)).fetchone()
    return None if row is None else row[0]


def unblock(cursor: Cursor[Any], stream_id: str) -> bool:
    """Whether the stream was blocked until now. Raises psycopg.Error."""
    return cursor.execute(_UNBLOCK, (stream_id,)).rowcount == 1
