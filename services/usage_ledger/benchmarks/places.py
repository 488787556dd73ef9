"""Where a benchmark runs: real servers in a folder that is thrown away, every write as durable as in production."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from typing import Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from usage_ledger.embedded.data_folder import DataFolder, throw_away_folder
from usage_ledger.embedded.postgres import SUPERUSER, PostgresServer, short_socket_folder
from usage_ledger.embedded.servers import Report, start_postgres
from usage_ledger.embedded.stack import Stack, StackOptions, running_ledger
from usage_ledger.embedded.supervision import Supervision
from usage_ledger.settings import ENV_PREFIX

COMMANDS_TOPIC: Final = "usage-ledger.commands"
SOURCE: Final = "bench-gateway"
_TOPICS_VARIABLE: Final = f"{ENV_PREFIX}COMMANDS_TOPICS"


class PostgresPlace(NamedTuple):
    """A running Postgres: its superuser's conninfo, and the process whose children serve the connections."""

    dsn: str
    pid: int

    def new_database(self, name: str) -> str:
        """Conninfo of an empty database of this name."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return make_conninfo(self.dsn, dbname=name)


@contextmanager
def whole_ledger(report: Report) -> Generator[Stack]:
    """Postgres, Kafka and every process of ours; Kafka's compiler unhurried, as it would be in production.

    A gateway may speak for all tenants on the topic of commands; until somebody says so, nobody may.
    """
    os.environ[_TOPICS_VARIABLE] = json.dumps({COMMANDS_TOPIC: {"source": SOURCE, "tenants": ["*"]}})
    try:
        with running_ledger(throw_away_folder(), StackOptions(fast_start=False), report) as stack:
            yield stack
    finally:
        del os.environ[_TOPICS_VARIABLE]


@contextmanager
def postgres_alone(report: Report, settings: Mapping[str, str] | None = None) -> Generator[PostgresPlace]:
    """The same Postgres, without anything beside it; ``settings`` go beyond the usual ones."""
    folder = throw_away_folder()
    with closing(folder), Supervision(folder.logs / "supervisor.log", throw_away=[folder.path]) as supervision:
        report("Starting Postgres")
        server = _server(folder, settings or {})
        start_postgres(server, supervision)
        yield PostgresPlace(server.conninfo(SUPERUSER), supervision.pid_of("postgres"))


def postgres_of(stack: Stack) -> PostgresPlace:
    """The Postgres of a whole ledger."""
    dsn = make_conninfo(stack.connections.postgres_owner_dsn, dbname=SUPERUSER)
    return PostgresPlace(dsn, stack.supervision.pid_of("postgres"))


def _server(folder: DataFolder, settings: Mapping[str, str]) -> PostgresServer:
    return PostgresServer(
        folder=folder.postgres,
        socket_folder=short_socket_folder(folder.postgres),
        log=folder.logs / "postgres.log",
        settings=settings,
        throw_away=True,
    )
