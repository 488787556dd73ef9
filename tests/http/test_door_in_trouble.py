"""Overload, an unreachable store, a defect of ours: each has its answer, and none lets anything out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future

import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from http_door.client import Api
from http_door.running import running_door
from http_door.set_up import bootstrap, settings_for
from http_door.usage import item
from usage_ledger.appender import LedgerUnavailable
from usage_ledger.entrypoints.http import observation
from usage_ledger.observability import configure_logging
from waiting import eventually

OPENING = {"account_id": "a", "owner_kind": "org", "currency": "USD"}


@pytest.fixture
def own_admin(ledger_database: str) -> Iterator[Api]:
    """An admin of a ledger that this test alone uses, whose queue holds five items."""
    settings = settings_for(ledger_database, appender_queue_max_items=5)
    with running_door(settings) as running, Api(running.url, bootstrap(settings)) as api:
        yield api


@pytest.fixture
def cut_off(postgres_server: str, ledger_database: str):
    """Closes the test's database to everybody, and opens it again."""
    name = str(conninfo_to_dict(ledger_database)["dbname"])
    change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")

    def allow(allowed: bool) -> None:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(change.format(sql.Identifier(name), sql.Literal(allowed)))
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    yield lambda: allow(False), lambda: allow(True)
    allow(True)


def test_more_than_may_wait_is_refused_and_nothing_is_accepted(own_admin):
    sent = [item() for _ in range(6)]
    refused = own_admin.post("/v1/usage", {"items": sent})
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert int(refused.headers["Retry-After"]) > 0
    assert {each["status"] for each in own_admin.record(*sent[:5])} == {"quarantined"}


def test_without_postgres_writes_and_reads_say_unavailable_and_come_back(own_admin, cut_off):
    close, reopen = cut_off
    own_admin.accepted("/v1/accounts", OPENING)
    close()
    write = own_admin.post("/v1/accounts", {**OPENING, "account_id": "b"}, key="lost")
    assert (write.status_code, write.json()["code"]) == (503, "ledger_unavailable")
    read = own_admin.get("/v1/accounts/a/balance")
    assert (read.status_code, read.json()["code"]) == (503, "ledger_unavailable")
    assert int(read.headers["Retry-After"]) > 0
    ready = own_admin.get("/readyz")
    assert (ready.status_code, ready.json()["postgres"]) == (503, "down")
    assert own_admin.get("/healthz").status_code == 200
    reopen()
    eventually(lambda: own_admin.get("/readyz").status_code == 200)
    again = own_admin.post("/v1/accounts", {**OPENING, "account_id": "b"}, key="lost")
    assert again.status_code == 201


def test_one_shard_that_does_not_answer_leaves_the_others_answered(key_of, tenant, door, monkeypatch):
    """An item whose shard is unavailable says so; its neighbours have their own answers."""
    gateway = key_of("usage", of="platform", tenants=["*"])
    submit = door.appender.submit

    def submit_one_of_two(submissions):
        failed: Future = Future()
        failed.set_exception(LedgerUnavailable("down"))
        return [*submit(submissions[:1]), failed]

    monkeypatch.setattr(door.appender, "submit", submit_one_of_two)
    answered = gateway.record(item(tenant=tenant), item(tenant="other"), item(tenant=tenant))
    assert [each["status"] for each in answered] == ["quarantined", "unavailable", "quarantined"]
    assert answered[1]["code"] == "ledger_unavailable"


@pytest.fixture
def logged(monkeypatch) -> Iterator[io.StringIO]:
    """What the door logs, in the form in which `serve` logs it."""
    lines = io.StringIO()
    monkeypatch.setattr(sys, "stderr", lines)
    configure_logging("serve", "info")
    monkeypatch.setattr(observation, "log", structlog.get_logger())
    yield lines
    structlog.reset_defaults()


def test_an_unexpected_failure_tells_nothing_from_inside(owner, monkeypatch, logged):
    def fail(_: object) -> None:
        raise RuntimeError("the number is 4711")

    monkeypatch.setattr("usage_ledger.entrypoints.http.authentication.parse_key", fail)
    failed = owner.get("/v1/accounts/a/balance")
    assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
    assert "4711" not in failed.text
    line = json.loads(logged.getvalue())
    assert (line["event"], line["correlation_id"]) == ("request_failed", failed.headers["X-Request-Id"])
    assert "4711" in line["exception"]
    assert owner.key not in logged.getvalue()


def test_the_callers_request_id_is_kept_and_a_strange_one_replaced(anonymous):
    kept = anonymous.send("GET", "/healthz", headers={"X-Request-Id": "trace-1"})
    assert kept.headers["X-Request-Id"] == "trace-1"
    replaced = anonymous.send("GET", "/healthz", headers={"X-Request-Id": "two words"})
    assert replaced.headers["X-Request-Id"] not in ("", "two words")


def test_requests_are_counted_by_route_and_never_by_id(owner):
    owner.get("/v1/accounts/very-personal/balance")
    counted = owner.get("/metrics").text
    assert (
        'usage_ledger_http_requests_total{code="404",method="GET",route="/v1/accounts/{account_id}/balance"}' in counted
    )
    assert "very-personal" not in counted
