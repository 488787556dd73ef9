"""What an operator asks of the read side: how far it is, and what is blocked."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

# Every shard that was ever served.
_PROGRESS = "SELECT shard, position, next_offset, recorded_at FROM views.progress ORDER BY shard"

# Oldest first, since that is what to repair first.
_BLOCKED = """
    SELECT stream_id, shard, reason, detail, record_offset, position, last_version,
           (extract(epoch FROM blocked_at) * 1000000)::bigint AS blocked_at
      FROM views.blocked_streams ORDER BY blocked_at, stream_id LIMIT %b
"""


class ShardProgress(msgspec.Struct, frozen=True):
    """``recorded_at`` is microseconds UTC of the newest event in the shard's views."""

    shard: int
    position: int
    next_offset: int
    recorded_at: int


class BlockedStream(msgspec.Struct, frozen=True):
    """A stream that the projector does not go on with, and why. ``blocked_at`` is microseconds UTC."""

    stream_id: str
    shard: int
    reason: str
    detail: str
    record_offset: int
    position: int | None
    last_version: int
    blocked_at: int


async def read_progress(connection: AsyncConnection[Any]) -> list[ShardProgress]:
    """Raises psycopg.Error."""
    async with connection.cursor(binary=True, row_factory=class_row(ShardProgress)) as cursor:
        await cursor.execute(_PROGRESS)
        return await cursor.fetchall()


async def list_blocked_streams(connection: AsyncConnection[Any], limit: int) -> list[BlockedStream]:
    """Raises psycopg.Error."""
    async with connection.cursor(binary=True, row_factory=class_row(BlockedStream)) as cursor:
        await cursor.execute(_BLOCKED, (limit,))
        return await cursor.fetchall()
