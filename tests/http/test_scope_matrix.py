"""Every call of the OpenAPI document x every scope, no key, a revoked key, and the key of another tenant (K2, K3).

The calls come from the document, the expectations from ``http_door.operations``: a new route fails here until somebody
says what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest

from http_door.client import IDEMPOTENCY_KEY, Api
from http_door.operations import CALLS, PUBLIC, Operation, path_of
from http_door.running import RunningDoor
from usage_ledger.entrypoints.http.application import create_app

SCOPES = ("usage", "holds", "workspaces", "money", "read")
DOCUMENTED: list[Operation] = [
    (method.upper(), path)
    for path, operations in create_app(lambda: pytest.fail("never opened")).openapi()["paths"].items()
    for method in operations
]
KEYED = [operation for operation in DOCUMENTED if operation not in CALLS or CALLS[operation].scope != PUBLIC]
each_call = pytest.mark.parametrize("operation", KEYED, ids=" ".join)


@pytest.fixture(scope="module")
def keys(door: RunningDoor, admin_key: str) -> Iterator[dict[str, Api]]:
    """A client for each scope, of a tenant that has nothing; one with a revoked key, one with none, one of an admin."""
    with ExitStack() as stack:
        admin = stack.enter_context(Api(door.url, admin_key))
        tenant = f"tenant-{uuid4().hex[:12]}"

        def issue(*scopes: str) -> Api:
            body = {"scopes": scopes, "source": "matrix"}
            issued = admin.accepted("/v1/keys", body, tenant=tenant)
            return stack.enter_context(Api(door.url, issued["secret"], key_id=issued["key_id"]))

        revoked = issue(*SCOPES)
        admin.accepted(f"/v1/keys/{revoked.key_id}/revoke", {})
        nobody = stack.enter_context(Api(door.url, None))
        yield {**{scope: issue(scope) for scope in SCOPES}, "admin": admin, "revoked": revoked, "none": nobody}


def ask(api: Api, operation: Operation, body: Any = None, tenant: str | None = None, **ids: str) -> httpx.Response:
    """The call; without a body it is one that no write takes, so that nothing is recorded."""
    method, _ = operation
    headers = {IDEMPOTENCY_KEY: uuid4().hex} | ({"X-Tenant": tenant} if tenant else {})
    content = {"headers": headers} if method == "GET" else {"headers": headers, "json": {} if body is None else body}
    return api.send(method, path_of(operation, **{"key_id": "nobody", **ids}), **content)


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def test_every_documented_call_has_its_expectation_and_nothing_else_has() -> None:
    assert set(DOCUMENTED) == set(CALLS)


@each_call
def test_without_a_key_or_with_a_revoked_one_nothing_is_answered(keys: dict[str, Api], operation: Operation) -> None:
    assert code_of(ask(keys["none"], operation)) == (401, "key_missing")
    assert code_of(ask(keys["revoked"], operation)) == (401, "key_revoked")


@each_call
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_with_one_scope_may_do_that_and_nothing_else(
    keys: dict[str, Api], operation: Operation, scope: str
) -> None:
    response = ask(keys[scope], operation)
    if CALLS[operation].scope == scope:
        assert response.status_code not in (401, 403), response.text
    else:
        assert code_of(response) == (403, "key_scope")


@each_call
def test_an_admin_may_do_everything_and_nobody_else_names_a_tenant(keys: dict[str, Api], operation: Operation) -> None:
    assert ask(keys["admin"], operation, tenant="nobody").status_code not in (401, 403)
    scope = CALLS[operation].scope
    if scope in keys and scope != "admin":
        assert code_of(ask(keys[scope], operation, tenant="nobody")) == (403, "key_scope")


@pytest.mark.parametrize("operation", [each for each in DOCUMENTED if each not in KEYED], ids=" ".join)
def test_what_operators_watch_needs_no_key(keys: dict[str, Api], operation: Operation) -> None:
    assert keys["none"].send(*operation).status_code == 200


@pytest.mark.rule("K3")
@pytest.mark.parametrize("operation", [each for each, call in CALLS.items() if call.of_others == 404], ids=" ".join)
def test_what_is_another_tenants_is_not_there(key_of, admin, furnished, operation: Operation) -> None:
    response = _as_stranger(key_of, admin, furnished, operation)
    assert response.status_code == 404
    assert response.json()["code"].endswith("_not_found")


@pytest.mark.rule("K3")
@pytest.mark.parametrize(
    "operation",
    [each for each, call in CALLS.items() if call.of_others == 200],
    ids=" ".join,
)
def test_lists_have_nothing_of_another_tenant(key_of, admin, furnished, operation: Operation) -> None:
    response = _as_stranger(key_of, admin, furnished, operation)
    assert response.status_code == 200
    answer = response.json()
    assert answer.get("items", answer.get("currencies", answer.get("flips"))) == []


def test_every_call_with_an_id_in_its_path_is_asked_for_what_is_another_tenants() -> None:
    # Price versions and accounting months are facts of the whole deployment: they are no tenant's.
    of_all = {operation for operation in CALLS if "{version}" in operation[1] or "{month}" in operation[1]}
    # An organization begins with the first thing that is said of it.
    begins = {("PUT", "/v1/organizations/{organization_id}/billing-mode-default")}
    with_id = {operation for operation in CALLS if "{" in operation[1]} - of_all - begins
    assert with_id <= {operation for operation, call in CALLS.items() if call.of_others == 404}


def _as_stranger(key_of, admin: Api, furnished: dict[str, str], operation: Operation) -> httpx.Response:
    """With everything right but the tenant."""
    call = CALLS[operation]
    stranger = f"stranger-{uuid4().hex[:8]}"
    if call.scope == "admin":
        return ask(admin, operation, call.body, tenant=stranger, **furnished)
    return ask(key_of(call.scope, source="elsewhere", of=stranger), operation, call.body, **furnished)
