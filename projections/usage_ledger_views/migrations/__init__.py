"""Brings schema ``views`` to what this version needs: numbered SQL files, each run once, in order.

A view's ``table.sql`` shows how its table looks today; a migration says how to get there. A test proves that the
migrations add up to the tables. The roles that are granted to must exist.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, LiteralString, cast

from psycopg import Connection

_MIGRATIONS_TABLE: LiteralString = """
    CREATE SCHEMA IF NOT EXISTS views;
    CREATE TABLE IF NOT EXISTS views.migrations
        (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""


def migrate_views(connection: Connection[Any]) -> None:
    """Run what is new within the caller's transaction, then grant again. Raises psycopg.Error."""
    connection.execute(_MIGRATIONS_TABLE)
    applied = {row[0] for row in connection.execute("SELECT name FROM views.migrations")}
    for name in migration_names():
        if name not in applied:
            connection.execute(_text(name))
            connection.execute("INSERT INTO views.migrations (name) VALUES (%s)", (name,))
    connection.execute(_text("grants.sql"))


def migration_names() -> list[str]:
    """Every migration of this version, in order."""
    return sorted(file.name for file in files(__name__).iterdir() if file.name[:1].isdigit())


def _text(name: str) -> LiteralString:
    return cast("LiteralString", files(__name__).joinpath(name).read_text(encoding="utf-8"))
