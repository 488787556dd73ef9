"""Both stores behind one fixture: a test of the contract runs on each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.store import LedgerStore


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[LedgerStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    dsn = request.getfixturevalue("ledger_database")
    postgres = PostgresStore(make_conninfo(dsn, user="ledger_appender"))
    yield postgres
    postgres.close()
