"""A door of their own for tests of billing modes: what governs them is the whole deployment's.

The packaged registry is in force and the proxy is wired, unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from http_door.client import IDEMPOTENCY_KEY, Api
from http_door.running import RunningDoor, running_door
from http_door.set_up import bootstrap, settings_for
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.settings import Settings
from usage_ledger.workspaces.registry.content import Arm, Match, Provider, RegistryContent, Runtime
from usage_ledger_schemas import codec


@pytest.fixture(scope="session")
def http_database(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """Conninfo, as owner, of the database that these tests share."""
    name = f"modes_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(migrated_template)))
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def http_settings(http_database: str) -> Settings:
    return settings_for(http_database)


@pytest.fixture(scope="session")
def door(http_settings: Settings) -> Iterator[RunningDoor]:
    with running_door(http_settings) as running:
        yield running


@pytest.fixture(scope="session")
def admin_key(http_settings: Settings, door: RunningDoor) -> str:
    return bootstrap(http_settings)


def packaged_with_a_tie() -> RegistryContent:
    """The packaged registry, with a runtime ``tied`` on which two providers match ``x-1``."""
    content = packaged_content()
    tied = [Provider(name, (f"{name.upper()}_KEY",), "api_key", Match(("x-",), (), False)) for name in ("one", "two")]
    return msgspec.structs.replace(
        content,
        version=f"{content.version}-tied",
        providers=(*content.providers, *tied),
        runtimes=(*content.runtimes, Runtime("tied", (Arm("one", ()), Arm("two", ())))),
    )


@pytest.fixture(autouse=True)
def governed(admin: Api) -> None:
    """The registry is published once; the same again changes nothing."""
    content = packaged_with_a_tie()
    registry = {"version": content.version, "content": msgspec.to_builtins(content), "reason": "launch"}
    admin.accepted("/v1/registries", registry)
    assert admin.put("/v1/deployment/proxy", {"wired": True}).status_code == 200


_BESIDE_REFUSALS = ("CommandRefused", "CredentialWriteRejected", "ProvisionRefused")


@pytest.fixture
def stored(http_database: str, tenant: str) -> Callable[[], list[tuple[str, str]]]:
    """The tenant's events by stream and type, but for what stands beside a refusal."""

    def look() -> list[tuple[str, str]]:
        with psycopg.connect(http_database) as connection:
            found = connection.execute(
                "SELECT stream_id, fingerprint FROM ledger.events WHERE starts_with(stream_id, %s) ORDER BY position",
                (f"{tenant}/",),
            ).fetchall()
        events = [(stream_id, codec.name_of(fingerprint)) for stream_id, fingerprint in found]
        return [event for event in events if event[1] not in _BESIDE_REFUSALS]

    return look


@pytest.fixture
def refused(owner: Api, stored: Callable[[], list[tuple[str, str]]]) -> Callable[..., dict[str, Any]]:
    """The problem that a write is answered with, having changed nothing."""

    def ask(method: str, path: str, body: Any, status: int, code: str) -> dict[str, Any]:
        before = stored()
        response = owner.send(method, path, json=body, headers={IDEMPOTENCY_KEY: uuid4().hex})
        problem = response.json()
        assert (response.status_code, problem["code"]) == (status, code), response.text
        assert stored() == before
        return problem

    return ask
