"""A connection that breaks, wherever it does: nothing is taken for done, and the next transaction has a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from store.events import STREAM, place
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.store import AppendFailed, Batch, CommitUnknown, Named, StoreUnavailable
from waiting import eventually

SHARD = 1
NAMED = Named([b"c" * 16], [b"a" * 16], [b"h" * 16], [b"b" * 16])
# Other tests have appenders on the same server, each in a database of its own.
_OURS = "usename = 'ledger_appender' AND datname = current_database()"
_END = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {_OURS}"
_WAITS = f"SELECT FROM pg_stat_activity WHERE {_OURS} AND wait_event_type = 'Lock'"


@pytest.fixture
def store(ledger_database: str) -> Iterator[PostgresStore]:
    store = PostgresStore(make_conninfo(ledger_database, user="ledger_appender"))
    yield store
    store.close()


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


def nothing() -> None:
    pass


def append_one(
    store: PostgresStore,
    position: int,
    before_write: Callable[[], object] = nothing,
    before_commit: Callable[[], object] = nothing,
) -> None:
    with store.transaction([SHARD], NAMED) as transaction:
        before_write()
        transaction.write(Batch(events=[place(SHARD, position, STREAM, position)]))
        before_commit()


def last_position(store: PostgresStore) -> int:
    with store.transaction([SHARD], NAMED) as transaction:
        return transaction.shards[SHARD].last_position


def test_before_the_lock_nothing_was_appended(store: PostgresStore, owner: Connection[Any]) -> None:
    owner.execute(_END)
    with pytest.raises(StoreUnavailable):
        append_one(store, 1)
    append_one(store, 1)
    assert last_position(store) == 1


def test_while_the_lock_and_what_is_named_are_asked_for(
    store: PostgresStore, owner: Connection[Any], ledger_database: str
) -> None:
    with psycopg.connect(ledger_database) as other, ThreadPoolExecutor(1) as thread:
        other.execute("SELECT FROM ledger.shards WHERE shard = %s FOR UPDATE", (SHARD,))
        appending = thread.submit(append_one, store, 1)
        eventually(lambda: owner.execute(_WAITS).fetchone() is not None)
        owner.execute(_END)
        with pytest.raises(StoreUnavailable):
            appending.result(10)
    append_one(store, 1)
    assert last_position(store) == 1


def test_between_the_lock_and_the_write_nothing_was_appended(store: PostgresStore, owner: Connection[Any]) -> None:
    with pytest.raises(StoreUnavailable):
        append_one(store, 1, before_write=lambda: owner.execute(_END))
    assert last_position(store) == 0


def test_between_the_write_and_the_commit_it_is_unknown(store: PostgresStore, owner: Connection[Any]) -> None:
    with pytest.raises(CommitUnknown):
        append_one(store, 1, before_commit=lambda: owner.execute(_END))
    assert last_position(store) == 0


def test_what_the_database_refuses_leaves_a_connection_that_works(store: PostgresStore) -> None:
    append_one(store, 1)
    with pytest.raises(AppendFailed):
        append_one(store, 1)
    append_one(store, 2)
    assert last_position(store) == 2
