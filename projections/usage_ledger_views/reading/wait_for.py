"""Waits until the views have reached a position, so that a caller can read what it has just written."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[AsyncConnection[Any]]

TIMEOUT_S = 5.0
FIRST_POLL_S = 0.005
POLL_MAX_S = 0.05

# The position alone: it is asked often.
_POSITION = "SELECT position FROM views.progress WHERE shard = %b"


async def wait_for(pool: Pool, shard: int, position: int, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether the shard's views have reached the position, now or within the time. Raises psycopg.Error.

    No connection is held while it waits.
    """
    give_up_at = time.monotonic() + timeout_s
    poll_s = FIRST_POLL_S
    while not await _reached(pool, shard, position):
        remaining_s = give_up_at - time.monotonic()
        if remaining_s <= 0:
            return False
        await asyncio.sleep(min(poll_s, remaining_s))
        poll_s = min(POLL_MAX_S, poll_s * 2)
    return True


async def _reached(pool: Pool, shard: int, position: int) -> bool:
    async with pool.connection() as connection:
        cursor = await connection.cursor(binary=True).execute(_POSITION, (shard,))
        row = await cursor.fetchone()
    return row is not None and row[0] >= position
