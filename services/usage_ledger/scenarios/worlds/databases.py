"""Throw-away databases: one is migrated, and every world gets a copy of it, which takes a few milliseconds."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Final
from uuid import uuid4

import psycopg
from psycopg import sql

from usage_ledger.bootstrap import migrate
from usage_ledger.embedded.data_folder import throw_away_folder
from usage_ledger.embedded.postgres import SUPERUSER, PostgresServer, short_socket_folder
from usage_ledger.embedded.servers import Report, start_postgres
from usage_ledger.embedded.supervision import Supervision
from usage_ledger.scenarios.worlds.logins import Logins, logins_of_roles, logins_of_settings
from usage_ledger.settings import ENV_PREFIX, SETTINGS_FILE_VARIABLE, load_settings

SHARDS: Final = 4
_NAMES_A_SERVER: Final = (SETTINGS_FILE_VARIABLE, f"{ENV_PREFIX}POSTGRES_OWNER_DSN")

# What is played is thrown away with its database: it need not survive the machine.
_NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Databases:
    """Copies of the database ``template`` of a server."""

    def __init__(self, logins: Logins, template: str) -> None:
        self._logins = logins
        self._template = template

    @contextmanager
    def new(self) -> Generator[Logins]:
        """A migrated database without an event, gone at the end of the block. Raises psycopg.Error."""
        with _database(self._logins, self._template) as name:
            yield self._logins.to(name)


@contextmanager
def databases(report: Report) -> Generator[Databases]:
    """On the server that the settings name, if they name one; else on one that is started for this.

    Raises DependencyUnreachable, StackRefused, SettingsInvalid, psycopg.Error.
    """
    if any(os.environ.get(name) for name in _NAMES_A_SERVER):
        with _migrated(logins_of_settings(load_settings())) as made:
            yield made
        return
    report("Starting Postgres")
    with _embedded_server() as server, _migrated(logins_of_roles(server)) as made:
        yield made


@contextmanager
def _embedded_server() -> Generator[str]:
    """Conninfo of the superuser of a Postgres that is gone at the end of the block."""
    folder = throw_away_folder()
    with closing(folder), Supervision(folder.logs / "supervisor.log", throw_away=[folder.path]) as supervision:
        server = PostgresServer(
            folder=folder.postgres,
            socket_folder=short_socket_folder(folder.postgres),
            log=folder.logs / "postgres.log",
            settings=_NOT_DURABLE,
            throw_away=True,
        )
        start_postgres(server, supervision)
        yield server.conninfo(SUPERUSER)


@contextmanager
def _migrated(logins: Logins) -> Generator[Databases]:
    with _database(logins, template=None) as name:
        migrate(logins.to(name).owner, SHARDS)
        yield Databases(logins, name)


@contextmanager
def _database(logins: Logins, template: str | None) -> Generator[str]:
    name = f"scenario_{uuid4().hex}"
    create, drop = sql.SQL("CREATE DATABASE {}"), sql.SQL("DROP DATABASE {} WITH (FORCE)")
    copy = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY")
    with psycopg.connect(logins.owner, autocommit=True) as connection:
        made = create.format(sql.Identifier(name))
        connection.execute(made if template is None else made + copy.format(sql.Identifier(template)))
        try:
            yield name
        finally:
            connection.execute(drop.format(sql.Identifier(name)))
