"""What an operator asks of the read side: how far it is, and what is blocked."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.page import cursor_after, cut, key_of

# Every shard that was ever served.
_PROGRESS = "SELECT shard, position, next_offset, recorded_at FROM views.progress ORDER BY shard"

# Oldest first, since that is what to repair first. Of one tenant, or of all and of records with unreadable keys too.
_BLOCKED = """
    SELECT stream_id, shard, reason, detail, record_offset, position, last_version, micros AS blocked_at
      FROM (SELECT *, (extract(epoch FROM blocked_at) * 1000000)::bigint AS micros FROM views.blocked_streams) AS stream
     WHERE (%(tenant)s::text IS NULL OR split_part(stream_id, '/', 1) = %(tenant)s)
       AND (micros, stream_id) > (%(after)s, %(after_stream)s)
     ORDER BY micros, stream_id LIMIT %(rows)s
"""

# Whether anything waits for a repair.
_ANYTHING_BLOCKED = "SELECT EXISTS (SELECT FROM views.blocked_streams)"


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


async def list_blocked_streams(
    connection: AsyncConnection[Any], limit: int, *, tenant: str | None = None, after: str | None = None
) -> tuple[list[BlockedStream], str | None]:
    """A page of them and the cursor of the next. Raises InvalidCursor, psycopg.Error."""
    last = key_of(after, tuple[int, str]) if after else (0, "")
    values = {"tenant": tenant, "after": last[0], "after_stream": last[1], "rows": limit + 1}
    async with connection.cursor(binary=True, row_factory=class_row(BlockedStream)) as cursor:
        await cursor.execute(_BLOCKED, values)
        page, more = cut(await cursor.fetchall(), limit)
    return page, cursor_after((page[-1].blocked_at, page[-1].stream_id)) if more else None


async def anything_blocked(connection: AsyncConnection[Any]) -> bool:
    """Raises psycopg.Error."""
    cursor = await connection.execute(_ANYTHING_BLOCKED)
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
