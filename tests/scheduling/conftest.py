"""The scheduler on a real Postgres, beside the appender of a `serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from appender.ledger import Ledger, VirtualClock
from started_processes import Start, started_processes
from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.scheduling.scheduler import Scheduler

SHARDS = 4


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def clock() -> VirtualClock:
    """One for all: what is due for one is due for the other."""
    return VirtualClock()


@pytest.fixture
def ledger(ledger_database: str, clock: VirtualClock) -> Iterator[Ledger]:
    """With a price, a wired proxy, account ``main`` of tenant acme with 100 USD, and workspace ``ws``."""
    store = PostgresStore(make_conninfo(ledger_database, user="ledger_appender"))
    ledger = Ledger(Appender(store, clock, HANDLERS), clock)
    ledger.furnish()
    yield ledger
    store.close()


@pytest.fixture
def start_scheduler(ledger_database: str, clock: VirtualClock) -> Iterator[Callable[..., Any]]:
    """Runs a scheduler in a thread until the test ends."""
    running: list[tuple[Thread, Event]] = []
    dsn = make_conninfo(ledger_database, user="ledger_scheduler")

    def start(*, lease_s: float = 10.0, handlers: Any = PROCESS_HANDLERS) -> None:
        stop = Event()
        scheduler = Scheduler(
            lambda: psycopg.connect(dsn, autocommit=True),
            lambda: Appender(PostgresStore(dsn), clock, handlers),
            Leases("scheduler", range(SHARDS), lease_s),
            clock,
        )
        thread = Thread(target=scheduler.run, args=(stop,), daemon=True)
        thread.start()
        running.append((thread, stop))

    yield start
    for thread, stop in running:
        stop.set()
        thread.join()


@pytest.fixture
def start_process(ledger_database: str, tmp_path: Path) -> Iterator[Start]:
    """Starts `usage-ledger scheduler …`."""
    with started_processes("scheduler", ledger_database, tmp_path) as start:
        yield start
