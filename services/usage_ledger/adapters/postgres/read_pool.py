"""Connections of the reader's role, for one event loop: read-only, and each transaction sees one snapshot."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from usage_ledger.unreachable import DependencyUnreachable

ReadPool = AsyncConnectionPool[AsyncConnection[Any]]

_WAIT_S = 3.0
"""How long a read waits for a connection before it says that the ledger is unavailable."""


def read_pool(dsn: str, connections: int, statement_timeout_ms: int) -> ReadPool:
    """A pool that is not open yet; ``open`` it on its event loop. It finds Postgres again by itself."""
    conninfo = make_conninfo(
        dsn,
        application_name="usage-ledger reads",
        connect_timeout=3,
        options=f"-c statement_timeout={statement_timeout_ms}",
    )
    return AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=connections,
        timeout=_WAIT_S,
        max_waiting=connections * 64,
        open=False,
        configure=_configure,
        check=AsyncConnectionPool.check_connection,
        reconnect_timeout=60.0,
        name="reads",
    )


def connect_reader(dsn: str) -> psycopg.Connection[Any]:
    """One plain connection, for the command line. Raises DependencyUnreachable."""
    try:
        return psycopg.connect(dsn, connect_timeout=3, application_name="usage-ledger cli")
    except psycopg.OperationalError as error:
        raise DependencyUnreachable(f"the event store cannot be reached: {type(error).__name__}") from error


async def _configure(connection: AsyncConnection[Any]) -> None:
    # One snapshot a transaction: rows, and the position they are said to reflect, then agree.
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
