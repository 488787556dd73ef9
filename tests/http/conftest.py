"""The real application behind a real uvicorn, on a real Postgres. One for all tests: each has a tenant of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from http_door.client import Api
from http_door.operations import REGISTRY
from http_door.projecting import project
from http_door.running import RunningDoor, running_door
from http_door.set_up import bootstrap, settings_for
from http_door.usage import item
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.settings import Settings
from waiting import eventually


@pytest.fixture(scope="session")
def http_database(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """Conninfo, as owner, of the database that all tests of the door share."""
    name = f"http_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(migrated_template)))
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def http_settings(http_database: str) -> Settings:
    """A topic of commands is one more source; nobody reads it here."""
    topic = CommandsTopic(source="topic-source", tenants=("*",))
    return settings_for(http_database, commands_topics={"commands": topic})


@pytest.fixture(scope="session")
def door(http_settings: Settings) -> Iterator[RunningDoor]:
    with running_door(http_settings) as running:
        yield running


@pytest.fixture(scope="session")
def admin_key(http_settings: Settings, door: RunningDoor) -> str:
    """The first admin key, as an operator gets it."""
    return bootstrap(http_settings)


@pytest.fixture
def admin(door: RunningDoor, admin_key: str) -> Iterator[Api]:
    with Api(door.url, admin_key) as api:
        yield api


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid4().hex[:12]}"


@pytest.fixture
def anonymous(door: RunningDoor) -> Iterator[Api]:
    """A client that sends no key."""
    with Api(door.url, None) as api:
        yield api


@pytest.fixture
def key_of(door: RunningDoor, admin: Api, tenant: str) -> Iterator[Callable[..., Api]]:
    """Issues a key of the test's tenant with these scopes; answers a client that sends it."""
    opened: list[Api] = []

    def issue(*scopes: str, source: str = "gateway", of: str = tenant, **restriction: object) -> Api:
        body = {"scopes": list(scopes), "source": source, **restriction}
        issued = admin.post("/v1/keys", body, tenant=of)
        assert issued.status_code == 201, issued.text
        opened.append(Api(door.url, issued.json()["secret"], key_id=issued.json()["key_id"]))
        return opened[-1]

    yield issue
    for api in opened:
        api.close()


@pytest.fixture
def owner(key_of: Callable[..., Api]) -> Api:
    """A key of the tenant that may do everything a tenant may."""
    return key_of("usage", "holds", "money", "workspaces", "read")


@pytest.fixture
def account(owner: Api, books_agree: None) -> str:
    """An open prepaid account in USD with 5.00 on it."""
    owner.accepted("/v1/accounts", {"account_id": "main", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/accounts/main/purchases", {"amount": "5.00", "payment_ref": "pay-1"})
    return "main"


@pytest.fixture
def books_agree(admin: Api, tenant: str, views: Callable[[], None]) -> Iterator[None]:
    """Whatever money a test has moved: then debits equal credits, and every figure follows from the lines (J5)."""
    yield
    views()
    for path, verdict in (("/v1/trial-balance", "balanced"), ("/v1/reconciliation", "reconciled")):
        answer = admin.send("GET", path, headers={"X-Tenant": tenant}).json()
        assert answer[verdict], answer


@pytest.fixture
def workspace(owner: Api, account: str) -> str:
    """A workspace that the account pays for, its mode chosen so that no other test's proxy matters."""
    owner.accepted("/v1/workspaces", {"workspace_id": "ws", "account_id": account})
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "platform_managed", "reason": "test"})
    return "ws"


@pytest.fixture
def model(admin: Api) -> str:
    """A model with a price of its own: 3 USD a million input tokens, 15 USD a million output tokens."""
    name = f"model-{uuid4().hex[:8]}"
    price = {"per_million": {"input": "3", "output": "15"}}
    admin.accepted(
        "/v1/prices",
        {"version": "v1", "model": name, "list": "sell", "currency": "USD", "price": price, "reason": "test"},
    )
    return name


@pytest.fixture
def views(http_database: str) -> Callable[[], None]:
    """Brings the views to where the store is, as relay and projector do."""
    return lambda: project(http_database)


@pytest.fixture
def furnished(
    key_of: Callable[..., Api],
    owner: Api,
    admin: Api,
    workspace: str,
    model: str,
    tenant: str,
    views: Callable[[], None],
) -> dict[str, str]:
    """The tenant has what ``http_door.operations`` names: an attempt, a command, a waiting item, a hold, this key.

    There is a price version of this name, for a model of its own; an account that owes, and a dispute that is open;
    one that is to be topped up; a registry version.
    """
    owner.accepted("/v1/usage", item(model, id="a1"), key="c1")
    owner.accepted("/v1/usage", item(model, id="waiting", workspace_id="nobody"))
    _owe_and_dispute(owner)
    owner.put("/v1/accounts/main/bill-to/indebted", {})
    owner.accepted("/v1/dividends", {"dividend_id": "declared", "pool": "1.00", "recipients": ["main"]})
    _run_low(owner)
    owner.accepted("/v1/accounts/main/holds", {"hold_id": "held", "workspace_id": workspace, "amount": "0.10"})
    owner.accepted("/v1/workspaces/ws/runs", {"run_id": "r1"})
    views()
    version = f"of-{tenant}"
    price = {"model": version, "list": "sell", "currency": "USD", "price": {"per_request": "1"}, "reason": "test"}
    admin.accepted("/v1/prices", {"version": version, **price})
    admin.accepted("/v1/registries", REGISTRY)
    return {"key_id": key_of("read").key_id, "version": version, "organization_id": tenant}


def _owe_and_dispute(owner: Api) -> None:
    """An account that owes, and a dispute of it that is open."""
    owner.accepted("/v1/accounts", {"account_id": "indebted", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/accounts/indebted/purchases", {"amount": "2.00", "payment_ref": "pay-2"})
    owner.accepted("/v1/accounts/indebted/disputes", {"dispute_id": "d1", "payment_ref": "pay-2", "amount": "1.00"})
    owner.accepted("/v1/accounts/indebted/adjustments", {"amount": "-5.00", "reason": "test", "approver": "op-1"})


def _run_low(owner: Api) -> None:
    """An account with an auto top-up that was triggered."""
    owner.accepted("/v1/accounts", {"account_id": "low", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/accounts/low/purchases", {"amount": "2.00", "payment_ref": "pay-3"})
    owner.put("/v1/accounts/low/auto-topup", {"threshold": "5.00", "amount": "10.00"})
    owner.accepted("/v1/accounts/low/adjustments", {"amount": "-1.00", "reason": "test", "approver": "op-1"})


@pytest.fixture
def state(owner: Api, account: str, views: Callable[[], None]) -> Callable[[], list[Any]]:
    """Everything that anybody could see of the account's money."""

    def look() -> list[Any]:
        views()
        seen = [owner.get(f"/v1/accounts/{account}/{what}").json() for what in ("balance", "entries")]
        return [{name: value for name, value in each.items() if name != "as_of"} for each in seen]

    return look


@pytest.fixture
def refused(owner: Api, state: Callable[[], list[Any]]) -> Callable[..., httpx.Response]:
    """The answer to a write that must be refused, having changed nothing."""

    def ask(path: str, body: dict[str, Any], status: int, code: str) -> httpx.Response:
        before = state()
        response = owner.post(path, body)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        assert state() == before
        return response

    return ask


@pytest.fixture
def wait_until() -> Callable[[datetime], None]:
    """Returns when the clock has passed the time."""
    return lambda instant: eventually(lambda: datetime.now(UTC) > instant)
