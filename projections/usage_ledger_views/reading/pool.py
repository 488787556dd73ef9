"""Connections for reads: each transaction is one snapshot, so that an answer and its ``as_of`` belong together."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection, IsolationLevel
from psycopg_pool import AsyncConnectionPool

ReaderPool = AsyncConnectionPool[AsyncConnection[Any]]

CONNECT_TIMEOUT_S = 3


def reader_pool(dsn: str, max_connections: int, statement_timeout_ms: int) -> ReaderPool:
    """A pool that is not open yet. Use ``async with pool.connection() as connection`` once per answer."""
    return AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=max_connections,
        open=False,
        configure=_read_only_snapshots,
        kwargs={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "usage-ledger reads",
            "options": f"-c statement_timeout={statement_timeout_ms}",
        },
        name="reads",
    )


async def _read_only_snapshots(connection: AsyncConnection[Any]) -> None:
    await connection.set_read_only(True)
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
