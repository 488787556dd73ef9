"""What is asked about a workspace reads as much as ever, however many of its runs were decided."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from appender.ledger import Ledger, VirtualClock
from usage_ledger.adapters.postgres.ledger_reader import Recorded
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.adapters.postgres.workspace_events import moving_events, run_decided
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.streams import shard_of, workspace_stream
from usage_ledger.workspaces.commands import ChangeBillingMode, DecideProvision

SHARD, STREAM, EVER = shard_of("acme", 4), workspace_stream("acme", "ws"), 2**62
Ask = Callable[[Callable[[AsyncConnection[Any]], Awaitable[Any]]], Any]


@pytest.fixture
def ledger(ledger_database: str) -> Iterator[Ledger]:
    """With workspace ``ws``, of which three runs were decided, one of them before its mode changed."""
    clock = VirtualClock()
    store = PostgresStore(make_conninfo(ledger_database, user="ledger_appender"))
    ledger = Ledger(Appender(store, clock, HANDLERS), clock)
    ledger.furnish()
    for command in (
        DecideProvision("ws", "r1"),
        ChangeBillingMode("ws", "byok", "own contract"),
        DecideProvision("ws", "r11"),
        DecideProvision("ws", "r111"),
    ):
        clock.forward(seconds=1)
        assert ledger.send(command).outcome == "accepted"
    yield ledger
    store.close()


@pytest.fixture
def ask(ledger: Ledger, ledger_database: str) -> Ask:
    async def asked(question: Callable[[AsyncConnection[Any]], Awaitable[Any]]) -> Any:
        async with await AsyncConnection.connect(make_conninfo(ledger_database, user="ledger_reader")) as connection:
            return await question(connection)

    return lambda question: asyncio.run(asked(question))


def moving(ask: Ask, position: int = EVER, recorded_at: int = EVER) -> list[tuple[str, int]]:
    found: list[Recorded] = ask(lambda each: moving_events(each, SHARD, STREAM, position, recorded_at))
    return [(type(event.payload).__name__, event.stream_version) for event in found]


def test_of_runs_only_the_last_is_read(ask: Ask) -> None:
    assert moving(ask) == [("WorkspaceRegistered", 1), ("BillingOverrideSet", 3), ("ProvisionDecided", 5)]


def test_what_is_known_ends_at_a_time_or_a_position(ask: Ask, ledger: Ledger, ledger_database: str) -> None:
    with psycopg.connect(ledger_database) as owner:
        query = "SELECT position, recorded_at FROM ledger.events WHERE stream_id = %s AND stream_version = 2"
        position, recorded_at = owner.execute(query, (STREAM,)).fetchone() or (0, 0)
    expected = [("WorkspaceRegistered", 1), ("ProvisionDecided", 2)]
    assert moving(ask, position=position) == moving(ask, recorded_at=recorded_at) == expected


def test_the_last_event_tells_the_version_whatever_it_is(ask: Ask, ledger: Ledger) -> None:
    ledger.send(ChangeBillingMode("ws", None, "no more"))
    ledger.send(DecideProvision("ws", "r2"))
    assert [version for _, version in moving(ask)] == [1, 3, 6, 7]


def test_a_run_is_found_by_its_whole_id(ask: Ask) -> None:
    for run, version in (("r1", 2), ("r11", 4), ("r111", 5)):
        event, decided = ask(lambda each, run=run: run_decided(each, SHARD, "acme", "ws", run))
        assert (decided.run_id, event.stream_version) == (run, version)
    with pytest.raises(KeyError):
        ask(lambda each: run_decided(each, SHARD, "acme", "ws", "r"))
