"""The projector's loop: leases, silence, broken connections. Its reader is a list, its database is real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from usage_ledger_views.projecting.projector import Pace, Projector
from views.recorded import FakeRecord, Shard
from waiting import eventually


class Topic:
    """Partition 0 as a list. Readers of it may be deaf: they get nothing, as a client that hangs."""

    def __init__(self) -> None:
        self.records: list[FakeRecord] = []
        self.readers: list[Reader] = []
        self.deaf_readers = 0

    def open_reader(self) -> Reader:
        reader = Reader(self, deaf=len(self.readers) < self.deaf_readers)
        self.readers.append(reader)
        return reader


class Reader:
    def __init__(self, topic: Topic, *, deaf: bool) -> None:
        self.topic = topic
        self.deaf = deaf
        self.closed = False
        self.next: dict[int, int] = {}

    def start_at(self, offsets: Mapping[int, int]) -> None:
        self.next = dict(offsets)

    def poll(self, timeout_ms: int) -> list[Any]:
        if self.deaf or 0 not in self.next:
            return []
        found = self.topic.records[self.next[0] :]
        self.next[0] += len(found)
        return found

    def ends(self) -> dict[int, int]:
        return dict.fromkeys(self.next, len(self.topic.records))

    def lag(self) -> dict[int, int]:
        return {}

    def close(self) -> None:
        self.closed = True


class Leases:
    renew_every_s = 0.05

    def __init__(self) -> None:
        self.held: frozenset[int] = frozenset({0})
        self.released = False

    def renew(self, connection: Connection[Any]) -> frozenset[int]:
        return self.held

    def release(self, connection: Connection[Any]) -> None:
        self.released = True


@pytest.fixture
def topic() -> Topic:
    return Topic()


@pytest.fixture
def leases() -> Leases:
    return Leases()


@pytest.fixture
def start(ledger_database: str, topic: Topic, leases: Leases) -> Iterator[Any]:
    """Runs a projector in a thread until the test ends."""
    stop = Event()
    running: list[Thread] = []

    def run(stall_s: float = 60.0) -> Thread:
        projector = Projector(
            connect=lambda: psycopg.connect(
                make_conninfo(ledger_database, user="ledger_projector"), autocommit=True, application_name="projector"
            ),
            open_reader=topic.open_reader,
            leases=leases,
            pace=Pace(linger_s=0.0, stall_s=stall_s),
        )
        thread = Thread(target=projector.run, args=(stop,))
        thread.stop = lambda: (stop.set(), thread.join())
        thread.start()
        running.append(thread)
        return thread

    yield run
    stop.set()
    for thread in running:
        thread.join()


@pytest.fixture
def position(ledger_database: str) -> Iterator[Any]:
    """How far shard 0's views are."""
    with psycopg.connect(ledger_database, autocommit=True) as connection:

        def ask() -> int:
            row = connection.execute("SELECT position FROM views.progress WHERE shard = 0").fetchone()
            return row[0] if row else 0

        ask.connection = connection
        yield ask


def add(topic: Topic, shard: Shard, events: int = 1) -> None:
    for _ in range(events):
        shard.open_account(f"a{len(shard.events)}")
    topic.records = shard.on_topic()


def test_records_are_applied_as_they_come(start, topic, shard, position):
    start()
    add(topic, shard, 3)
    eventually(lambda: position() == 3)
    add(topic, shard, 2)
    eventually(lambda: position() == 5)


def test_a_reader_that_is_silent_while_records_wait_is_replaced(start, topic, shard, position):
    topic.deaf_readers = 1
    add(topic, shard)
    start(stall_s=0.1)
    eventually(lambda: position() == 1)
    assert [reader.deaf for reader in topic.readers] == [True, False]
    assert topic.readers[0].closed


def test_a_reader_that_is_silent_because_there_is_nothing_is_kept(start, topic, shard, position):
    add(topic, shard)
    start(stall_s=0.01)
    eventually(lambda: position() == 1)
    add(topic, shard)
    eventually(lambda: position() == 2)
    assert len(topic.readers) == 1


def test_a_broken_connection_is_made_again_and_nothing_is_lost_or_doubled(start, topic, shard, position):
    start()
    add(topic, shard, 2)
    eventually(lambda: position() == 2)
    position.connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'projector' AND datname = current_database()"
    )
    add(topic, shard, 2)
    eventually(lambda: position() == 4)
    assert position.connection.execute("SELECT count(*) FROM views.account_balances").fetchone() == (4,)


def test_a_shard_that_another_projector_moved_is_read_from_where_that_one_left_it(start, topic, shard, position):
    start()
    add(topic, shard, 2)
    eventually(lambda: position() == 2)
    # As if another projector had been quicker with offset 2 and its event.
    position.connection.execute("UPDATE views.progress SET next_offset = 3, position = 3 WHERE shard = 0")
    add(topic, shard, 2)
    eventually(lambda: position() == 4)
    applied = position.connection.execute("SELECT account_id FROM views.account_balances ORDER BY 1").fetchall()
    assert applied == [("a0",), ("a1",), ("a3",)]


def test_without_a_lease_nothing_is_read_and_with_one_it_begins(start, topic, shard, leases, position):
    leases.held = frozenset()
    add(topic, shard)
    start()
    assert not topic.readers
    leases.held = frozenset({0})
    eventually(lambda: position() == 1)


def test_a_shard_that_was_lost_is_read_no_more(start, topic, shard, leases, position):
    start()
    add(topic, shard)
    eventually(lambda: position() == 1)
    leases.held = frozenset()
    eventually(lambda: topic.readers[0].closed)
    add(topic, shard)
    leases.held = frozenset({0})
    eventually(lambda: position() == 2)
    assert len(topic.readers) == 2


def test_a_projector_that_is_told_to_stop_gives_its_leases_back(start, leases):
    start().stop()
    assert leases.released
