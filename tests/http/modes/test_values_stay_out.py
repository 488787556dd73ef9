"""The value of a credential, wherever somebody puts it, is in no event, row, log line, metric, view or answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from domain.workspaces.stored import FINGERPRINT
from http_door.client import IDEMPOTENCY_KEY, Api

VALUES = {
    "with hyphens": "sk-ant-api03-Zq7Vw2Xk9Lm4Np8Rt1Bs",
    "one long word": "gsk_Zq7Vw2Xk9Lm4Np8Rt1BsZq7Vw2Xk9Lm4Np8Rt1BsZq7Vw2Xk",
    "short parts": "sk_live_Zq7Vw2Xk9Lm4Np8Rt1Bs",
    "hexadecimal digits": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "with signs of a path": "key/Zq7Vw2Xk9Lm4+Np8Rt1Bs==",
}
WORKSPACES = "/v1/workspaces"
CREDENTIALS = f"{WORKSPACES}/ws/credentials"
NAME = "KIMI_API_KEY"
RIGHT = {"name": NAME, "fingerprint": FINGERPRINT}


def bodies_of_credentials(value: str) -> list[dict[str, Any]]:
    """A credential in which the value stands somewhere."""
    return [
        *(
            {**RIGHT, member: value}
            for member in ("value", "secret", "key", "api_key", "token", "note", "fingerprints")
        ),
        *({**RIGHT, member: {"deep": [value]}} for member in ("value", "name", "fingerprint")),
        {**RIGHT, value: True},
        {**RIGHT, "name": value},
        {**RIGHT, "name": f" {value} "},
        {**RIGHT, "fingerprint": value},
        {**RIGHT, "fingerprint": f"hmac-sha256:{value} "},
        {"name": value, "fingerprint": value},
        {"name": value},
        {"fingerprint": value},
    ]


def requests(value: str) -> list[tuple[str, str, Any]]:
    stored = bodies_of_credentials(value)
    within = [{"workspace_id": "new", "credentials": [RIGHT, body]} for body in stored]
    others = [
        {"workspace_id": "new", "credentials": value},
        {"workspace_id": "new", "credentials": [value]},
        {"workspace_id": "new", "credentials": {NAME: value}},
        {"workspace_id": "new", "credential": value},
        {"workspace_id": "new", value: value},
        {"workspace_id": "new", "origin": value},
    ]
    return [
        *(("POST", CREDENTIALS, body) for body in stored),
        *(("POST", CREDENTIALS, {**body, "scope": "tenant"}) for body in stored),
        ("POST", CREDENTIALS, {**RIGHT, "scope": value}),
        *(("POST", WORKSPACES, body) for body in (*within, *others)),
        ("DELETE", f"{CREDENTIALS}/{value}", None),
        ("DELETE", f"{CREDENTIALS}/{value}?scope=tenant", None),
        ("DELETE", f"{CREDENTIALS}/{NAME}?scope={value}", None),
        ("DELETE", f"{CREDENTIALS}/{NAME}", {"value": value}),
        ("DELETE", f"{WORKSPACES}/nowhere/credentials/{value}", None),
        ("GET", f"{CREDENTIALS}/{value}", None),
        ("POST", f"{CREDENTIALS}/{value}", RIGHT),
    ]


def everything_stored(database: str) -> str:
    """Every row of every table of the database, as text; bytes as hexadecimal digits."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows: list[str] = []
        for schema, table in tables:
            every = sql.SQL("SELECT t::text FROM {}.{} AS t").format(sql.Identifier(schema), sql.Identifier(table))
            rows += [str(row[0]) for row in connection.execute(every)]
    return "\n".join(rows)


def spellings(value: str) -> set[str]:
    """As it was sent and as a name would be kept, in text and as the bytes of an event."""
    texts = {value, value.upper()}
    return {text.lower() for text in texts} | {text.encode().hex() for text in texts}


@pytest.fixture
def workspace_of_modes(owner: Api) -> None:
    workspace = {"workspace_id": "ws", "runtime": "claude-code", "model": "kimi-for-coding"}
    owner.accepted(WORKSPACES, {**workspace, "credentials": [RIGHT]})


@pytest.mark.usefixtures("workspace_of_modes")
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_that_was_sent_is_nowhere(
    owner: Api,
    anonymous: Api,
    http_database: str,
    views: Callable[[], None],
    capfd: pytest.CaptureFixture[str],
    value: str,
) -> None:
    told: list[str] = []
    for method, path, body in requests(value):
        sent = {} if body is None else {"json": body}
        response = owner.send(method, path, headers={IDEMPOTENCY_KEY: uuid4().hex}, **sent)
        assert response.status_code in (200, 404, 405, 422), (method, path, body, response.text)
        told += [response.text, json.dumps(dict(response.headers))]
    views()
    told.append(owner.get("/v1/refusals", limit=1000).text)
    told.append(anonymous.get("/metrics").text)
    told += capfd.readouterr()
    told.append(everything_stored(http_database))
    found = "\n".join(told).lower()
    assert FINGERPRINT.encode().hex() in found
    assert [spelling for spelling in spellings(value) if spelling in found] == []


def test_the_search_would_find_it(http_database: str, owner: Api) -> None:
    """A text that is stored on purpose is found by the same search."""
    reason = "sk-ant-api03-found-because-it-is-a-reason"
    body = {"mode": "byok", "reason": reason}
    assert owner.put("/v1/organizations/org-1/billing-mode-default", body).status_code == 200
    assert any(spelling in everything_stored(http_database).lower() for spelling in spellings(reason))
