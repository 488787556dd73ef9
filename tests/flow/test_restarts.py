"""Kafka and Postgres go away and come back: relay and projector wait, and nothing is lost or counted twice.

These tests have servers of their own, because they take them down.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from flow.traffic import Traffic, all_there, assert_exact
from real_servers import RealServers
from usage_ledger.bootstrap import migrate
from waiting import eventually

SHARDS = 4

pytestmark = pytest.mark.xdist_group("restarts")


@pytest.fixture(scope="module")
def own_servers() -> Iterator[RealServers]:
    servers = RealServers()
    yield servers
    servers.stop()


@pytest.fixture
def kafka_server(own_servers: RealServers) -> str:
    return own_servers.address("kafka")


@pytest.fixture
def ledger_database(own_servers: RealServers) -> str:
    server = own_servers.address("postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restarts WITH (FORCE)")
        connection.execute("CREATE DATABASE restarts")
    database = make_conninfo(server, dbname="restarts")
    migrate(database, SHARDS)
    return database


def take_down(servers: RealServers, name: str, how: signal.Signals) -> None:
    """The supervisor starts it again."""
    supervision = servers._supervision
    exits = supervision.exits_of(name)
    os.kill(supervision.pid_of(name), how)
    eventually(lambda: supervision.exits_of(name) > exits)


def test_a_kafka_that_dies_and_comes_back_gets_everything(own_servers, topic, start, traffic, one):
    processes = [start("relay"), start("projector")]
    traffic.add(3)
    eventually(all_there(one, traffic))
    take_down(own_servers, "kafka", signal.SIGKILL)
    traffic.add(3)
    eventually(all_there(one, traffic))
    assert_exact(one, traffic)
    assert [process.poll() for process in processes] == [None, None]


def test_a_postgres_that_restarts_finds_relay_and_projector_waiting(
    own_servers, topic, start, ledger_database, owner, one
):
    processes = [start("relay"), start("projector")]
    traffic = Traffic(owner)
    traffic.add(3)
    eventually(all_there(one, traffic))
    take_down(own_servers, "postgres", signal.SIGINT)
    eventually(lambda: can_connect(ledger_database))
    with psycopg.connect(ledger_database, autocommit=True) as again:
        traffic.owner = again
        traffic.add(3)

        def ask(query: str) -> int:
            return again.execute(query).fetchone()[0]

        eventually(all_there(ask, traffic))
        assert_exact(ask, traffic)
    assert [process.poll() for process in processes] == [None, None]


def can_connect(database: str) -> bool:
    try:
        psycopg.connect(database).close()
    except psycopg.OperationalError:
        return False
    return True
