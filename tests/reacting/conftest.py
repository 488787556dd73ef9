"""What is unsettled, on either store; and the reactor with its parts on a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from appender.ledger import Ledger, VirtualClock
from started_processes import Start, started_processes
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.memory_unsettled import UnsettledInMemory
from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.reacting.reactor import Reactor
from usage_ledger.reacting.unsettled import Unsettled
from usage_ledger.reacting.unsettled_rows import UnsettledRows
from usage_ledger.store import LedgerStore

SHARDS = 4


@pytest.fixture(params=["memory", "postgres"])
def indexed(request: pytest.FixtureRequest) -> Iterator[tuple[LedgerStore, Unsettled]]:
    """A store, and what is unsettled in it as the reactor's role sees it."""
    if request.param == "memory":
        memory = MemoryStore()
        yield memory, UnsettledInMemory(memory)
        return
    with _on_postgres(request.getfixturevalue("ledger_database")) as both:
        yield both


@contextmanager
def _on_postgres(database: str) -> Iterator[tuple[LedgerStore, Unsettled]]:
    store = PostgresStore(make_conninfo(database, user="ledger_appender"))
    with psycopg.connect(make_conninfo(database, user="ledger_reactor"), autocommit=True) as connection:
        yield store, UnsettledRows(connection)
    store.close()


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connect(ledger_database: str) -> Callable[[], Connection[Any]]:
    """As the reactor's role."""
    dsn = make_conninfo(ledger_database, user="ledger_reactor")
    return lambda: psycopg.connect(dsn, autocommit=True)


@pytest.fixture
def clock() -> VirtualClock:
    """One for all appenders of a test: usage that is new for one is not late for another."""
    return VirtualClock()


@pytest.fixture
def open_ledger(ledger_database: str, clock: VirtualClock) -> Iterator[Callable[..., Ledger]]:
    """What a `serve` process would do, each with an appender of its own."""
    stores: list[PostgresStore] = []

    def open_one(other_clock: VirtualClock | None = None) -> Ledger:
        stores.append(PostgresStore(make_conninfo(ledger_database, user="ledger_appender")))
        used = other_clock or clock
        return Ledger(Appender(stores[-1], used, HANDLERS), used)

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def ledger(open_ledger: Callable[..., Ledger]) -> Ledger:
    """With a price, a wired proxy, account ``main`` of tenant acme with 100 USD, and workspace ``ws``."""
    ledger = open_ledger()
    ledger.furnish()
    return ledger


@pytest.fixture
def start_reactor(
    ledger_database: str, connect: Callable[[], Connection[Any]], clock: VirtualClock
) -> Iterator[Callable[..., Any]]:
    """Runs a reactor in a thread until the test ends; ``stop`` on the thread stops it sooner."""
    running: list[tuple[Thread, Event]] = []
    dsn = make_conninfo(ledger_database, user="ledger_reactor")

    def start(*, lease_s: float = 10.0, handlers: Any = PROCESS_HANDLERS) -> Any:
        stop = Event()
        reactor = Reactor(
            connect,
            lambda: Appender(PostgresStore(dsn), clock, handlers),
            Leases("reactor", range(SHARDS), lease_s),
        )
        thread = Thread(target=reactor.run, args=(stop,), daemon=True)
        thread.stop = lambda: (stop.set(), thread.join())
        thread.start()
        running.append((thread, stop))
        return thread

    yield start
    for thread, stop in running:
        stop.set()
        thread.join()


@pytest.fixture
def start_process(ledger_database: str, tmp_path: Path) -> Iterator[Start]:
    """Starts `usage-ledger reactor …`."""
    with started_processes("reactor", ledger_database, tmp_path) as start:
        yield start
