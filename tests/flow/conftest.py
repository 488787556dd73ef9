"""The whole way on real servers: a store, a topic of this test's own, and the two processes as they are shipped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from flow.traffic import Traffic
from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.settings import Settings

Start = Callable[..., Any]


@pytest.fixture
def events_topic() -> str:
    return f"events-{uuid4().hex}"


@pytest.fixture
def environment(ledger_database: str, kafka_server: str, events_topic: str) -> dict[str, str]:
    """What the processes of this test are told; no other setting of the machine reaches them."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_server,
        "EVENTS_TOPIC": events_topic,
        "RELAY_METRICS_PORT": "0",
        "PROJECTOR_METRICS_PORT": "0",
        **{
            f"POSTGRES_{role.upper()}_DSN": make_conninfo(ledger_database, user=f"ledger_{role}")
            for role in ("relay", "projector", "reader")
        },
    }
    ours = {f"USAGE_LEDGER_{name}": value for name, value in told.items()}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("USAGE_LEDGER_")}, **ours}


@pytest.fixture
def topic(kafka_server: str, events_topic: str) -> str:
    create_topics(Settings(kafka_bootstrap_servers=kafka_server, events_topic=events_topic))
    return events_topic


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts `usage-ledger …`, its log in the process's ``log``; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        told = {f"USAGE_LEDGER_{name.upper()}": value for name, value in settings.items()}
        command = [sys.executable, "-m", "usage_ledger", *arguments]
        log = tmp_path / f"process-{len(running)}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, env={**environment, **told}, stderr=stderr)
        process.log = log
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def owner(ledger_database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def one(owner: Connection[Any]) -> Callable[..., Any]:
    """The first column of the first row that a query answers."""

    def ask(query: str, *values: object) -> Any:
        row = owner.execute(query, values).fetchone()
        return None if row is None else row[0]

    return ask


@pytest.fixture
def traffic(owner: Connection[Any]) -> Traffic:
    return Traffic(owner)
