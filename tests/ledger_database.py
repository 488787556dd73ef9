"""A database with the ledger's tables: migrated once a run, then copied for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from usage_ledger.bootstrap import migrate

SHARDS = 4


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """Name of a migrated database that nobody writes to; a copy of it is made in a few milliseconds."""
    name = f"template_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(make_conninfo(postgres_server, dbname=name), SHARDS)
    return name


@pytest.fixture
def ledger_database(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """Conninfo, as owner, of a migrated database for this test alone; ``user=ledger_…`` in it gives a role's view."""
    name = f"ledger_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(migrated_template)))
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
