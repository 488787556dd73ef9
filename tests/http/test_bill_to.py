"""One account pays for another's calls, over HTTP (U15)."""

from __future__ import annotations

from typing import Any

import pytest

from http_door.client import IDEMPOTENCY_KEY, Api
from http_door.usage import item
from usage_ledger.accounts.bill_to import authorizing

HOLDS = "/v1/accounts/main/holds"
BILL_TO = "/v1/accounts/sponsor/bill-to/main"


def body(hold_id: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {"hold_id": hold_id, "workspace_id": "ws", "amount": amount, "bill_to": "sponsor", **fields}


@pytest.fixture
def sponsor(owner: Api, workspace: str) -> str:
    owner.accepted("/v1/accounts", {"account_id": "sponsor", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/accounts/sponsor/purchases", {"amount": "50.00", "payment_ref": "pay-2"})
    return "sponsor"


def revoke(owner: Api) -> Any:
    return owner.send("DELETE", BILL_TO, headers={IDEMPOTENCY_KEY: "revoke"})


@pytest.mark.rule("U15")
def test_a_call_is_billed_to_another_account_up_to_its_cap(owner: Api, sponsor: str, model: str) -> None:
    refused = owner.post(HOLDS, body("h0", "1.00"))
    assert (refused.status_code, refused.json()["code"]) == (403, "bill_to_not_authorized")
    given = owner.put(BILL_TO, {"cap": "10.00"})
    assert (given.status_code, given.json()["authorized"], given.json()["cap"]) == (200, True, "10.00")
    assert owner.accepted(HOLDS, body("h1", "4.00"))["payer"] == "sponsor"
    over = owner.post(HOLDS, body("h2", "6.01"))
    assert (over.status_code, over.json()["code"], over.json()["cap"]) == (402, "bill_to_cap_exceeded", "10.00")
    (settled,) = owner.record(item(model, hold_id="h1", bill_to="sponsor"))
    assert (settled["account_id"], settled["charged"]) == ("sponsor", "0.006")
    assert revoke(owner).json()["charged"] == "0.006"
    (own,) = owner.record(item(model, bill_to="sponsor"))
    assert (own["status"], own["account_id"]) == ("accepted", "main")


def test_the_key_of_the_account_that_calls_closes_the_hold_that_another_pays_for(
    owner: Api, key_of, sponsor: str
) -> None:
    owner.put(BILL_TO, {})
    caller, stranger = key_of("holds", account_id="main"), key_of("holds", account_id="sponsor")
    caller.accepted(HOLDS, body("h1", "4.00"))
    assert stranger.post("/v1/holds/h1/release", {}).json()["code"] == "key_scope"
    assert caller.post("/v1/holds/h1/release", {}).status_code == 200


@pytest.mark.rule("K1")
def test_the_key_of_one_account_holds_nothing_for_the_workspace_of_another(owner: Api, key_of, sponsor: str) -> None:
    """Not even where nobody pays: what it settles would be that workspace's usage."""
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "sponsor"})
    byok = owner.put("/v1/workspaces/other/billing-mode", {"mode": "byok", "reason": "their own key"})
    assert byok.status_code == 200
    held = {"hold_id": "h1", "workspace_id": "other", "amount": "1.00"}
    refused = key_of("holds", account_id="main").post(HOLDS, held)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
    assert owner.post("/v1/holds/h1/release", {}).json()["code"] == "hold_not_found"


@pytest.mark.rule("K1")
def test_usage_under_a_key_names_no_other_account_to_pay_than_the_key_allows(
    owner: Api, key_of, sponsor: str, model: str
) -> None:
    owner.put(BILL_TO, {})
    owner.accepted(HOLDS, {"hold_id": "h1", "workspace_id": "ws", "amount": "4.00"})
    narrow = key_of("usage", "holds", bill_to=["somebody"])
    sent = narrow.post("/v1/usage", {"items": [item(model), item(model, bill_to="sponsor")]})
    assert (sent.status_code, sent.json()["code"]) == (403, "key_scope")
    settled = narrow.post("/v1/holds/h1/settle", {"item": item(model, bill_to="sponsor")})
    assert (settled.status_code, settled.json()["code"]) == (403, "key_scope")
    assert owner.put(BILL_TO, {}).json()["charged"] == "0.00"
    (taken,) = narrow.record(item(model))
    assert (taken["status"], taken["account_id"]) == ("accepted", "main")


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        (BILL_TO, {"cap": "-1.00"}, 422, "invalid_limit"),
        (BILL_TO, {"cap": "1e3"}, 422, "invalid_amount"),
        (BILL_TO, {"cap": "1.00", "currency": "EUR"}, 422, "currency_mismatch"),
        (BILL_TO, {"expires_at": "2020-01-01T00:00:00Z"}, 422, "expires_in_past"),
        ("/v1/accounts/sponsor/bill-to/sponsor", {}, 422, "invalid_value"),
        ("/v1/accounts/sponsor/bill-to/nobody", {}, 404, "account_not_found"),
        ("/v1/accounts/nobody/bill-to/main", {}, 404, "account_not_found"),
    ],
)
def test_an_authority_that_cannot_be_is_refused_and_nothing_is_allowed(
    owner: Api, sponsor: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    response = owner.put(path, sent)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert owner.post(HOLDS, body("h1", "1.00")).json()["code"] == "bill_to_not_authorized"


def test_what_was_never_allowed_is_not_revoked(owner: Api, sponsor: str) -> None:
    response = revoke(owner)
    assert (response.status_code, response.json()["code"]) == (404, "bill_to_not_found")


@pytest.mark.rule("U14")
def test_a_hold_for_somebody_whom_the_tenant_has_not_is_422(owner: Api, workspace: str) -> None:
    owner.accepted("/v1/accounts", {"account_id": "few", "owner_kind": "org", "currency": "USD", "members": ["u1"]})
    owner.accepted("/v1/accounts/few/purchases", {"amount": "5.00", "payment_ref": "pay-3"})
    owner.accepted("/v1/workspaces", {"workspace_id": "few-ws", "account_id": "few"})
    owner.put("/v1/workspaces/few-ws/billing-mode", {"mode": "platform_managed", "reason": "test"})
    sent = {"hold_id": "h1", "workspace_id": "few-ws", "amount": "1.00"}
    refused = owner.post("/v1/accounts/few/holds", {**sent, "attributed_to": {"user": "stranger"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "attribution_invalid")
    assert owner.accepted("/v1/accounts/few/holds", {**sent, "attributed_to": {"user": "u1"}})["available"] == "4.00"


def test_an_account_pays_for_only_so_many_others(owner: Api, sponsor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorizing, "BENEFICIARIES_MAX", 1)
    owner.accepted("/v1/accounts", {"account_id": "third", "owner_kind": "org", "currency": "USD"})
    assert owner.put(BILL_TO, {}).status_code == 200
    refused = owner.put("/v1/accounts/sponsor/bill-to/third", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_beneficiaries")
    missing = owner.send("DELETE", "/v1/accounts/sponsor/bill-to/third", headers={IDEMPOTENCY_KEY: "never"})
    assert missing.json()["code"] == "bill_to_not_found"


@pytest.mark.rule("K1")
def test_who_calls_and_who_pays_read_the_hold_and_its_usage_and_nobody_else(
    owner: Api, key_of, sponsor: str, model: str, views
) -> None:
    owner.put(BILL_TO, {})
    owner.accepted("/v1/accounts", {"account_id": "third", "owner_kind": "org", "currency": "USD"})
    owner.accepted(HOLDS, body("h1", "4.00"))
    sent = item(model, hold_id="h1", bill_to="sponsor")
    owner.record(sent)
    views()
    for path in ("/v1/holds/h1", f"/v1/usage/{sent['id']}"):
        for reader in ({"account_id": "main"}, {"account_id": "sponsor"}, {"workspace_id": "ws"}, {}):
            found = key_of("read", source="s", **reader).get(path)
            assert (found.status_code, found.json()["used_by"]) == (200, "main"), found.text
        stranger = key_of("read", source="s", account_id="third").get(path)
        assert (stranger.status_code, stranger.json()["code"]) == (403, "key_scope")
