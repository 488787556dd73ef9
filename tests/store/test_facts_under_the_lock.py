"""Whoever gets a shard's lock knows every fact that was committed before it, however long it had to wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from store.events import place
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.store import Batch
from waiting import eventually

SHARD = 1


@pytest.fixture
def stores(ledger_database: str) -> Iterator[list[PostgresStore]]:
    opened = [PostgresStore(make_conninfo(ledger_database, user="ledger_appender")) for _ in range(3)]
    yield opened
    for store in opened:
        store.close()


def test_a_fact_committed_while_the_lock_was_waited_for_is_known(
    stores: list[PostgresStore], ledger_database: str
) -> None:
    holder, waiter, publisher = stores
    known: list[int] = []
    done = Event()

    def wait_for_the_lock() -> None:
        with waiter.transaction([SHARD]) as transaction:
            known.append(transaction.facts_position)
        done.set()

    with ExitStack() as held:
        held.enter_context(holder.transaction([SHARD]))
        Thread(target=wait_for_the_lock, daemon=True).start()
        eventually(lambda: _somebody_waits(ledger_database))
        with publisher.transaction([0]) as transaction:
            transaction.write(Batch(events=[place(0, 1, "platform/deployment-default", 1)], facts=[1]))
    done.wait()
    assert known == [1]


def _somebody_waits(database: str) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE usename = 'ledger_appender' AND wait_event_type = 'Lock'"
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchone() is not None
