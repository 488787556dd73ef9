"""Cases, and the places where they are played."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest

from usage_ledger.scenarios.worlds import databases
from usage_ledger.scenarios.worlds.databases import Databases
from usage_ledger.scenarios.worlds.logins import logins_of_roles
from usage_ledger.scenarios.worlds.memory import memory_world
from usage_ledger.scenarios.worlds.postgres import postgres_worlds
from usage_ledger.scenarios.worlds.world import Place


@pytest.fixture
def place_of(request: pytest.FixtureRequest) -> Callable[[str], Place]:
    """A place by the name of its store; Postgres is only started for a test that asks for it."""

    def place(store: str) -> Place:
        if store == "memory":
            return memory_world
        server = request.getfixturevalue("postgres_server")
        return postgres_worlds(Databases(logins_of_roles(server), request.getfixturevalue("migrated_template")))

    return place


@pytest.fixture
def postgres_of_settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Settings that name the server of the tests, for a test that uses Postgres."""

    def name(store: str) -> None:
        if store != "postgres":
            return
        logins = logins_of_roles(request.getfixturevalue("postgres_server"))
        for role, login in logins._asdict().items():
            monkeypatch.setenv(f"USAGE_LEDGER_POSTGRES_{role.upper()}_DSN", login)

    return name


@pytest.fixture
def databases_left(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[int, set[str]]]:
    """How many databases this test made, and the names of those that are still there."""
    made: list[str] = []

    def name() -> SimpleNamespace:
        made.append(uuid4().hex)
        return SimpleNamespace(hex=made[-1])

    monkeypatch.setattr(databases, "uuid4", name)

    def left() -> tuple[int, set[str]]:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        return len(made), {row[0] for row in rows} & {f"scenario_{each}" for each in made}

    return left
