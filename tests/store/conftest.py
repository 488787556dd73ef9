"""Both stores behind one fixture: a test of the contract runs on each."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from usage_ledger.adapters.memory_due_accounts import DueAccountsInMemory
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.scheduling.due_account_rows import DueAccountRows
from usage_ledger.scheduling.due_accounts import DueAccounts
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


@pytest.fixture(params=["memory", "postgres"])
def due_store(request: pytest.FixtureRequest) -> Iterator[tuple[LedgerStore, DueAccounts]]:
    """A store, and what is due in it as the scheduler's role sees it."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory, DueAccountsInMemory(memory)
        return
    dsn = request.getfixturevalue("ledger_database")
    postgres = PostgresStore(make_conninfo(dsn, user="ledger_appender"))
    with psycopg.connect(make_conninfo(dsn, user="ledger_scheduler"), autocommit=True) as connection:
        yield postgres, DueAccountRows(connection)
    postgres.close()
