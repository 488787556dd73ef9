"""An appender on either store, under a clock that the test moves, and commands in few words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from psycopg.conninfo import make_conninfo

from appender.ledger import Ledger, VirtualClock
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.store import LedgerStore

OpenStore = Callable[[], LedgerStore]


@pytest.fixture(params=["memory", "postgres"])
def open_store(request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Opens the same store as often as it is called: what a second process would do."""
    if request.param == "memory":
        memory = MemoryStore()
        yield lambda: memory
        return
    dsn = make_conninfo(request.getfixturevalue("ledger_database"), user="ledger_appender")
    opened: list[PostgresStore] = []

    def connect() -> PostgresStore:
        opened.append(PostgresStore(dsn))
        return opened[-1]

    yield connect
    for store in opened:
        store.close()


@pytest.fixture
def ledger(open_store: OpenStore) -> Ledger:
    """A ledger with a price, a wired proxy, account ``main`` of tenant acme with 100 USD, and workspace ``ws``."""
    clock = VirtualClock()
    ledger = Ledger(Appender(open_store(), clock, HANDLERS), clock)
    ledger.furnish()
    return ledger


@pytest.fixture
def another(open_store: OpenStore, ledger: Ledger) -> Ledger:
    """A second appender on the same store, with a cache of its own."""
    return Ledger(Appender(open_store(), ledger.clock, HANDLERS), ledger.clock)


def answer(outcome_answer: bytes) -> dict[str, object]:
    return msgspec.json.decode(outcome_answer)
