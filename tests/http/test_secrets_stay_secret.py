"""A key's secret is in the answer that shows it, and nowhere else: no event, no row, no log, no error (K1)."""

from __future__ import annotations

import json

import psycopg
import pytest

from http_door.client import Api
from http_door.set_up import run_keys

TABLES = ("events", "commands", "service_keys", "snapshots", "business_keys")


def everything_stored(database: str) -> str:
    with psycopg.connect(database) as connection:
        return "".join(
            str(row[0]) for table in TABLES for row in connection.execute(f"SELECT t::text FROM ledger.{table} AS t")
        )


@pytest.mark.rule("K1")
def test_a_secret_is_not_in_the_store_and_not_in_the_logs(http_database, key_of, admin, capfd):
    api = key_of("read")
    secret = api.key.split("_", 2)[2]
    api.get("/v1/accounts/a/balance")
    api.send("POST", "/v1/usage", content=api.key)
    admin.post(f"/v1/keys/{api.key_id}/revoke", {})
    api.get("/v1/accounts/a/balance")
    stored = everything_stored(http_database)
    assert api.key_id in stored
    assert secret not in stored
    assert secret.encode().hex() not in stored
    assert secret not in "".join(capfd.readouterr())


def test_an_error_never_repeats_a_key_or_a_body(anonymous, owner):
    for response in (
        anonymous.send("GET", "/v1/accounts/a/balance", headers={"Authorization": f"Bearer {owner.key}x"}),
        owner.post("/v1/accounts", {"account_id": "a", "owner_kind": owner.key, "currency": "USD"}),
        owner.post("/v1/usage", {"id": owner.key + "/"}),
        owner.get(f"/v1/usage/summary?group_by={owner.key_id}x"),
    ):
        assert response.status_code in (401, 422)
        assert owner.key not in response.text


def test_the_first_admin_key_is_issued_once(http_settings, admin_key):
    refused = run_keys(http_settings, "bootstrap", "--json")
    assert refused.exit_code != 0
    assert "ulk_" not in refused.output


def test_an_operator_issues_and_revokes_keys(http_settings, door, tenant):
    kept, revoked = (_issue(http_settings, tenant) for _ in range(2))
    assert run_keys(http_settings, "revoke", revoked["key_id"], "--reason", "test").exit_code == 0
    with Api(door.url, kept["secret"]) as api:
        assert api.get("/v1/usage/summary").status_code == 200
    with Api(door.url, revoked["secret"]) as api:
        assert api.get("/v1/usage/summary").json()["code"] == "key_revoked"


def test_an_operator_cannot_revoke_what_was_never_issued(http_settings, door):
    assert run_keys(http_settings, "revoke", "never-issued", "--reason", "test").exit_code != 0


def _issue(settings, tenant: str) -> dict[str, str]:
    issued = run_keys(settings, "issue", "--tenant", tenant, "--source", "s", "--scope", "read", "--json")
    return json.loads(issued.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scope", "admin"),
        ("--scope", "usage", "--for-tenant", "*"),
        ("--scope", "read", "--account", "nobody"),
        ("--scope", "read", "--expires-at", "soon"),
        ("--scope", "read", "--expires-at", "2020-01-01T00:00:00Z"),
    ],
)
def test_the_command_line_obeys_the_same_rules(http_settings, tenant, arguments):
    refused = run_keys(http_settings, "issue", "--tenant", tenant, "--source", "s", *arguments)
    assert refused.exit_code != 0
    assert "ulk_" not in refused.stdout
