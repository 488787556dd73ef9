"""A store with history, views that were folded from it, and the commands that look at both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from publishing.stored import store
from usage_ledger.entrypoints.cli import cli
from usage_ledger.entrypoints.cli.exits import run
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.views import VIEWS
from views.recorded import NOW, WORKSPACE, Shard, item, line, resolution


class Told(NamedTuple):
    """What a command answered: its exit code, the JSON object, and what it wrote for people."""

    code: int
    answer: dict[str, Any]
    said: str


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def projector_connection(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(make_conninfo(ledger_database, user="ledger_projector"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def shard() -> Shard:
    return Shard()


@pytest.fixture
def history(shard: Shard) -> Shard:
    """Two accounts with credit and usage, and a workspace whose mode and payer changed. Nothing is stored yet."""
    shard.open_account("main")
    shard.open_account("other")
    shard.purchase(1_000, balance_after=1_000, account_id="main", lot="lot-2")
    shard.purchase(500, balance_after=500, account_id="other", lot="lot-2")
    shard.register_workspace()
    shard.pin_payer("main")
    for left in (900, 800):
        shard.usage([item(100, input=10)], debits=[line(2000, "debit", 100, "lot-2")], balance_after=left)
    override = {"mode": "byok", "effective_from": NOW, "reason": "test"}
    after = resolution("byok", "workspace_override")
    shard.record(
        WORKSPACE, "BillingOverrideSet", workspace_id="ws", previous=None, before=None, after=after, **override
    )
    return shard


@pytest.fixture
def stored(owner: Connection[Any], history: Shard) -> Callable[[], None]:
    """Puts everything recorded so far, and not stored yet, into the event store."""
    done = 0

    def put() -> None:
        nonlocal done
        store(owner, history.events[done:])
        done = len(history.events)

    return put


@pytest.fixture
def writer(projector_connection: Connection[Any]) -> BatchWriter:
    """The projector of shard 0."""
    return BatchWriter(projector_connection, VIEWS, [0])


@pytest.fixture
def command(ledger_database: str, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., Told]:
    """Runs `usage-ledger … --json` with the roles' own logins, as an operator would."""
    for role in ("reader", "projector"):
        dsn = make_conninfo(ledger_database, user=f"ledger_{role}")
        monkeypatch.setenv(f"USAGE_LEDGER_POSTGRES_{role.upper()}_DSN", dsn)

    def call(*arguments: str) -> Told:
        code = run(cli, [*arguments, "--json"])
        said = capsys.readouterr()
        return Told(code, json.loads(said.out.splitlines()[-1]), said.err)

    return call
