"""Brings schema ``ledger`` to what this version needs, and fixes the shard count for ever.

Migrations are numbered SQL files, each run once, in order; roles and grants are made again after every run.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from importlib.resources import files
from typing import Any, LiteralString, cast

from psycopg import Connection, sql
from psycopg.errors import DuplicateObject, UniqueViolation

ROLES = ("ledger_appender", "ledger_relay", "ledger_projector", "ledger_reactor", "ledger_scheduler", "ledger_reader")
_PACKAGE = "usage_ledger.adapters.postgres"
_LOCK = 7_234_905_112  # any constant: two migrations of one database run one after the other


class ShardCountMismatch(Exception):
    """The database was made with another shard count. Re-sharding is a restore into a new store."""


def migrate_ledger(connection: Connection[Any], shards: int) -> None:
    """Run what is new within the caller's transaction. Raises ShardCountMismatch, psycopg.Error."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    _create_roles(connection)
    _run_new_migrations(connection)
    _fix_shards(connection, shards)
    _run_file(connection, "roles.sql")


def _create_roles(connection: Connection[Any]) -> None:
    """Roles belong to the whole server, so the migration of another of its databases may make them at this moment."""
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for role in ROLES:
        if role not in known:
            with suppress(DuplicateObject, UniqueViolation), connection.transaction():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))


def _run_new_migrations(connection: Connection[Any]) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS public.ledger_migrations"
        " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    applied = {row[0] for row in connection.execute("SELECT name FROM public.ledger_migrations")}
    for name in migration_names():
        if name not in applied:
            _run_file(connection, name)
            connection.execute("INSERT INTO public.ledger_migrations (name) VALUES (%s)", (name,))


def migration_names() -> list[str]:
    """Every migration of this version, in order."""
    folder = files(_PACKAGE).joinpath("migrations")
    return sorted(file.name for file in folder.iterdir() if file.name[:1].isdigit())


def _run_file(connection: Connection[Any], name: str) -> None:
    text = files(_PACKAGE).joinpath("migrations", name).read_text(encoding="utf-8")
    connection.execute(cast("LiteralString", text))


def _fix_shards(connection: Connection[Any], shards: int) -> None:
    row = connection.execute("SELECT shards FROM ledger.store").fetchone()
    if row is not None and row[0] != shards:
        raise ShardCountMismatch(f"this store has {row[0]} shards and keeps them; the settings say {shards}")
    if row is None:
        _create_shards(connection, shards)


def _create_shards(connection: Connection[Any], shards: int) -> None:
    incarnation = uuid.uuid4().hex
    connection.execute("INSERT INTO ledger.store (shards) VALUES (%s)", (shards,))
    for shard in range(shards):
        connection.execute(
            sql.SQL("CREATE TABLE ledger.{} PARTITION OF ledger.events FOR VALUES IN ({})").format(
                sql.Identifier(f"events_{shard}"), sql.Literal(shard)
            )
        )
        connection.execute("INSERT INTO ledger.shards (shard, incarnation) VALUES (%s, %s)", (shard, incarnation))
        connection.execute("INSERT INTO ledger.relay_checkpoints (shard, position) VALUES (%s, 0)", (shard,))
