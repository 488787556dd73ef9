"""Database connections of commands that work for as long as it takes, and then leave."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import Connection, IsolationLevel

from usage_ledger.unreachable import DependencyUnreachable

CONNECT_TIMEOUT_S: Final = 3

# Amounts, days and times must read the same wherever the command runs; history may take hours to read.
_OPTIONS: Final = "-c statement_timeout=0 -c timezone=UTC -c datestyle=ISO"


@contextmanager
def reading_session(dsn: str) -> Generator[Connection[Any]]:
    """A read-only connection that sees the state as of its first question. Raises DependencyUnreachable."""
    with _session(dsn, autocommit=False) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


@contextmanager
def writing_session(dsn: str) -> Generator[Connection[Any]]:
    """A connection in autocommit mode. Raises DependencyUnreachable."""
    with _session(dsn, autocommit=True) as connection:
        yield connection


@contextmanager
def _session(dsn: str, *, autocommit: bool) -> Generator[Connection[Any]]:
    try:
        with psycopg.connect(
            dsn,
            autocommit=autocommit,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="usage-ledger cli",
            options=_OPTIONS,
        ) as connection:
            yield connection
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DependencyUnreachable(f"Postgres does not answer: {type(error).__name__}") from error
