"""Rotation: a new secret, shown once; the old one goes on as long as was said, and not a moment longer (K2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from http_door.client import Api
from http_door.running import running_door
from http_door.set_up import run_keys
from http_door.usage import ago

BALANCE = "/v1/accounts/main/balance"


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def later(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


@pytest.fixture
def rotate(door, admin) -> Callable[..., Api]:
    """Rotates the key of a client; answers a client that sends the new secret."""
    opened: list[Api] = []

    def to_new_secret(api: Api, **body: object) -> Api:
        answer = admin.accepted(f"/v1/keys/{api.key_id}/rotate", body)
        opened.append(Api(door.url, answer["secret"], key_id=answer["key_id"]))
        return opened[-1]

    yield to_new_secret
    for api in opened:
        api.close()


@pytest.mark.rule("K2")
def test_without_a_time_the_old_secret_ends_at_once(key_of, rotate, account):
    old = key_of("read")
    assert old.get(BALANCE).status_code in (200, 404)
    new = rotate(old)
    assert new.key_id == old.key_id
    assert new.key != old.key
    assert new.get(BALANCE).status_code in (200, 404)
    assert code_of(old.get(BALANCE)) == (401, "key_expired")


@pytest.mark.rule("K2")
def test_both_secrets_admit_until_the_stated_time(key_of, rotate, account, wait_until):
    old = key_of("read")
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    new = rotate(old, old_valid_until=ends.isoformat())
    assert old.get("/v1/usage/summary").status_code == 200
    assert new.get("/v1/usage/summary").status_code == 200
    wait_until(ends)
    assert code_of(old.get("/v1/usage/summary")) == (401, "key_expired")
    assert new.get("/v1/usage/summary").status_code == 200


@pytest.mark.rule("K2")
def test_revocation_ends_both_secrets(key_of, rotate, admin):
    old = key_of("read")
    new = rotate(old, old_valid_until=later(hours=1))
    admin.accepted(f"/v1/keys/{old.key_id}/revoke", {"reason": "leaked"})
    assert code_of(old.get(BALANCE)) == (401, "key_revoked")
    assert code_of(new.get(BALANCE)) == (401, "key_revoked")


def test_of_the_old_secrets_only_the_last_goes_on(key_of, rotate):
    first = key_of("read")
    second = rotate(first, old_valid_until=later(hours=1))
    third = rotate(second, old_valid_until=later(hours=1))
    assert code_of(first.get(BALANCE)) == (401, "key_invalid")
    assert second.get("/v1/usage/summary").status_code == 200
    assert third.get("/v1/usage/summary").status_code == 200


def test_another_door_takes_the_new_secret_at_once_though_it_remembers_the_old_one(http_settings, key_of, rotate):
    old = key_of("read")
    with running_door(http_settings) as other:
        with Api(other.url, old.key) as remembered:
            assert remembered.get("/v1/usage/summary").status_code == 200
        new = rotate(old)
        with Api(other.url, new.key) as elsewhere:
            assert elsewhere.get("/v1/usage/summary").status_code == 200


def test_a_rotated_key_keeps_its_scopes_and_its_restriction(key_of, rotate, workspace):
    new = rotate(key_of("read", "workspaces", workspace_id="ws"))
    assert new.get("/v1/workspaces/ws/billing-mode").status_code == 200
    assert code_of(new.get("/v1/workspaces/other/billing-mode")) == (403, "key_scope")
    assert code_of(new.get(BALANCE)) == (403, "key_scope")
    assert code_of(new.post("/v1/accounts", {"account_id": "a", "owner_kind": "org", "currency": "USD"})) == (
        403,
        "key_scope",
    )


@pytest.mark.rule("K1")
def test_the_new_secret_is_shown_once_and_a_replay_answers_without_it(admin, key_of):
    old = key_of("read")
    path = f"/v1/keys/{old.key_id}/rotate"
    first = admin.post(path, {}, key=f"rotate-{old.key_id}")
    again = admin.post(path, {}, key=f"rotate-{old.key_id}")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["secret"].startswith(f"ulk_{old.key_id}_")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {name: value for name, value in first.json().items() if name != "secret"}


def test_a_rotation_needs_no_body(admin, key_of):
    path = f"/v1/keys/{key_of('read').key_id}/rotate"
    assert admin.send("POST", path, headers={"Idempotency-Key": "no-body"}).status_code == 201


def test_what_cannot_be_rotated_is_told_why(admin, key_of, tenant, wait_until):
    def answer(key_id: str, body: object = None, **options: str) -> tuple[int, str]:
        return code_of(admin.post(f"/v1/keys/{key_id}/rotate", body or {}, **options))

    key_id = key_of("read").key_id
    assert answer("nobody") == (404, "key_not_found")
    assert answer(key_id, tenant="another") == (404, "key_not_found")
    assert answer(key_id, {"old_valid_until": ago(hours=1)}) == (422, "expires_in_past")
    assert answer(key_id, {"old_valid_until": "tomorrow"}) == (422, "invalid_value")
    admin.accepted(f"/v1/keys/{key_id}/revoke", {})
    assert answer(key_id) == (409, "already_revoked")
    ends = datetime.now(UTC) + timedelta(milliseconds=300)
    short = key_of("read", expires_at=ends.isoformat()).key_id
    wait_until(ends)
    assert answer(short) == (409, "already_expired")


def test_only_an_admin_rotates_keys(owner, key_of):
    assert code_of(owner.post(f"/v1/keys/{owner.key_id}/rotate", {})) == (403, "key_scope")


def test_an_operator_rotates_a_key_without_any_key(http_settings, door, key_of):
    old = key_of("read")
    shown = run_keys(http_settings, "rotate", old.key_id, "--old-valid-until", later(hours=1), "--json")
    assert shown.exit_code == 0, shown.output
    answer = json.loads(shown.stdout)
    assert answer.keys() == {"key_id", "secret", "prefix", "position"}
    with Api(door.url, answer["secret"]) as new:
        assert new.get("/v1/usage/summary").status_code == 200
    assert old.get("/v1/usage/summary").status_code == 200
    assert run_keys(http_settings, "rotate", "nobody").exit_code == 1
