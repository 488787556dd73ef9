"""A store with events, a relay's parts on it, and a topic in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from publishing.stored import store
from publishing.topic_in_memory import TopicInMemory
from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.publishing.relay import Pace, Relay
from views.recorded import Shard


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connect(ledger_database: str) -> Callable[[], Connection[Any]]:
    dsn = make_conninfo(ledger_database, user="ledger_relay")
    return lambda: psycopg.connect(dsn, autocommit=True)


@pytest.fixture
def shard() -> Shard:
    return Shard()


@pytest.fixture
def topic() -> TopicInMemory:
    return TopicInMemory()


@pytest.fixture
def stored(owner: Connection[Any], shard: Shard) -> Callable[[int], None]:
    """Adds that many events to shard 0 of the store."""

    def add(events: int) -> None:
        already = len(shard.events)
        for _ in range(events):
            shard.open_account(f"a{len(shard.events)}")
        store(owner, shard.events[already:])

    return add


@pytest.fixture
def checkpoint(owner: Connection[Any]) -> Callable[[], int]:
    """Of shard 0."""
    query = "SELECT position FROM ledger.relay_checkpoints WHERE shard = 0"
    return lambda: owner.execute(query).fetchone()[0]


@pytest.fixture
def start_relay(connect: Callable[[], Connection[Any]], topic: TopicInMemory) -> Iterator[Callable[..., Thread]]:
    """Runs a relay in a thread until the test ends; ``stop`` on the thread stops it sooner."""
    running: list[tuple[Thread, Event]] = []

    def start(*, lease_s: float = 10.0, max_events: int = 2_000, publisher: Any = None) -> Any:
        stop = Event()
        pace = Pace(max_events=max_events, linger_s=0.0)
        relay = Relay(connect, lambda: publisher or topic, Leases("relay", range(4), lease_s), pace)
        thread = Thread(target=relay.run, args=(stop,), daemon=True)
        thread.stop = lambda: (stop.set(), thread.join())
        thread.start()
        running.append((thread, stop))
        return thread

    yield start
    for thread, stop in running:
        stop.set()
        thread.join()
