"""Views on a real Postgres: written by the projector's role, read by the reader's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection, Connection
from psycopg.conninfo import make_conninfo

from usage_ledger.adapters.postgres.read_pool import read_pool
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.views import VIEWS
from views.recorded import Shard

Ask = Callable[[Callable[[AsyncConnection[Any]], Awaitable[Any]]], Any]


@pytest.fixture
def projector_connection(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(make_conninfo(ledger_database, user="ledger_projector"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def shard() -> Shard:
    return Shard()


@pytest.fixture
def writer(projector_connection: Connection[Any]) -> BatchWriter:
    return BatchWriter(projector_connection, VIEWS, [0])


@pytest.fixture
def ask(ledger_database: str) -> Ask:
    """Runs one query function on a connection of the reader's pool."""

    async def one(question: Callable[[AsyncConnection[Any]], Awaitable[Any]]) -> Any:
        pool = read_pool(make_conninfo(ledger_database, user="ledger_reader"), 1, 30_000)
        async with pool, pool.connection() as connection:
            return await question(connection)

    return lambda question: asyncio.run(one(question))


@pytest.fixture
def rows(projector_connection: Connection[Any]) -> Callable[[str], list[tuple[Any, ...]]]:
    """What a table query answers, as plain rows."""
    return lambda query: projector_connection.execute(query).fetchall()
