"""An operator assigns or discards what is in quarantine, by its attempt id; nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from http_door.client import Api
from http_door.usage import item

REASON = {"reason": "agreed with the customer"}
ASSIGN = "/v1/quarantine/a1/assign"
DISCARD = "/v1/quarantine/a1/discard"


@pytest.fixture
def waiting(owner: Api, account: str, model: str) -> dict[str, Any]:
    """An item of a workspace that nobody registered, in quarantine under the source of the tenant's key."""
    sent = item(model, id="a1", workspace_id="nobody")
    assert [each["status"] for each in owner.record(sent)] == ["quarantined"]
    return sent


@pytest.fixture
def decide(admin: Api, tenant: str) -> Callable[..., Any]:
    """The admin's decision for the test's tenant."""
    return lambda path, body, **options: admin.post(path, body, tenant=tenant, **options)


def test_an_assigned_item_is_charged_and_explained(owner, waiting, decide):
    answered = decide(ASSIGN, {"account_id": "main", **REASON})
    assert answered.status_code == 200
    assigned = answered.json()
    assert (assigned["status"], assigned["charged"], assigned["payer_reason"]) == ("accepted", "0.006", "assigned")
    assert assigned["position"]
    line = owner.get("/v1/usage/a1").json()
    assert (line["state"], line["account_id"], line["charged"]) == ("booked", "main", "0.006")
    assert owner.record(waiting)[0]["status"] == "duplicate"


def test_a_discarded_item_is_told_apart_from_one_that_never_was(owner, waiting, decide):
    answered = decide(DISCARD, REASON)
    assert answered.status_code == 200
    assert answered.json() | {"position": ""} == {
        "item": "a1",
        "source": "gateway",
        "disposition": "waiting",
        "position": "",
    }
    found = owner.get("/v1/usage/a1").json()
    assert (found["state"], found["reason"]) == ("discarded", REASON["reason"])
    assert owner.record(waiting)[0]["status"] == "duplicate"


def test_a_rejected_item_is_discarded_by_its_name_alone(owner, decide):
    assert owner.record(item(id="a1", usage={"furlongs": 7}))[0]["status"] == "rejected"
    assert decide(DISCARD, REASON).json()["disposition"] == "rejected"
    again = decide(DISCARD, REASON)
    assert (again.status_code, again.json()["code"]) == (404, "attempt_not_found")


def test_a_decision_is_taken_once(waiting, decide):
    body = {"account_id": "main", **REASON}
    first, replay = (decide(ASSIGN, body, key="decision-1") for _ in range(2))
    assert replay.headers["Idempotent-Replayed"] == "true"
    assert replay.json() == first.json()
    again = decide(ASSIGN, body)
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    other = decide(DISCARD, REASON, key="decision-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_one_of_several_sources_is_named(key_of, owner, account, model, decide):
    other = key_of("usage", source="second")
    for gateway in (owner, other):
        gateway.record(item(model, id="a1", workspace_id="nobody"))
    ambiguous = decide(DISCARD, REASON)
    assert (ambiguous.status_code, ambiguous.json()["code"]) == (409, "ambiguous_usage_id")
    assert ambiguous.json()["sources"] == ["gateway", "second"]
    assert decide(f"{DISCARD}?source=second", REASON).json()["source"] == "second"
    assert decide(DISCARD, REASON).json()["source"] == "gateway"


def test_the_source_is_part_of_the_request(waiting, key_of, model, decide):
    key_of("usage", source="second").record(item(model, id="a1", workspace_id="nobody"))
    decide(f"{DISCARD}?source=gateway", REASON, key="decision-1")
    other = decide(f"{DISCARD}?source=second", REASON, key="decision-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("path", [ASSIGN, DISCARD])
@pytest.mark.parametrize("scopes", [("usage",), ("money", "workspaces", "read", "usage")])
def test_only_an_admin_may_decide(key_of, waiting, path, scopes):
    refused = key_of(*scopes).post(path, {"account_id": "main", **REASON} if path == ASSIGN else REASON)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")


@pytest.mark.parametrize("path", [ASSIGN, DISCARD])
def test_without_a_key_nothing_is_decided(anonymous, path):
    assert anonymous.post(path, REASON).status_code == 401


def test_what_is_another_tenants_is_not_found(admin, waiting):
    refused = admin.post(DISCARD, REASON, tenant="somebody-else")
    assert (refused.status_code, refused.json()["code"]) == (404, "attempt_not_found")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (ASSIGN, {"account_id": "main"}, 422, "missing_reason"),
        (ASSIGN, {"account_id": "main", "reason": "  "}, 422, "missing_reason"),
        (ASSIGN, REASON, 422, "missing_field"),
        (ASSIGN, {"account_id": "a b", **REASON}, 422, "invalid_id"),
        (ASSIGN, {"account_id": 7, **REASON}, 422, "wrong_type"),
        (ASSIGN, {"account_id": "main", "amount": "1", **REASON}, 422, "unknown_field"),
        (ASSIGN, {"account_id": "nobody", **REASON}, 404, "account_not_found"),
        (DISCARD, {}, 422, "missing_reason"),
        (DISCARD, {"reason": "x" * 1025}, 422, "invalid_value"),
        ("/v1/quarantine/a2/discard", REASON, 404, "attempt_not_found"),
        ("/v1/quarantine/a2/assign?source=gateway", {"account_id": "main", **REASON}, 404, "attempt_not_found"),
        ("/v1/quarantine/a1/discard?source=a%20b", REASON, 422, "invalid_id"),
        ("/v1/quarantine/a1/discard?source=", REASON, 422, "invalid_id"),
        ("/v1/quarantine/a%20b/discard", REASON, 422, "invalid_id"),
    ],
)
def test_bad_input_is_told_with_a_code(waiting, decide, path, body, status, code):
    refused = decide(path, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_decision_needs_an_idempotency_key(admin, tenant, waiting):
    refused = admin.send("POST", DISCARD, json=REASON, headers={"X-Tenant": tenant})
    assert (refused.status_code, refused.json()["code"]) == (422, "missing_idempotency_key")
