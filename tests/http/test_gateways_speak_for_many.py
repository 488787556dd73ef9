"""A gateway key names the tenant of each item; every other key speaks for one tenant only."""

from __future__ import annotations

from uuid import uuid4

import pytest

from http_door.usage import item


@pytest.fixture
def other_tenant() -> str:
    return f"tenant-{uuid4().hex[:12]}"


@pytest.fixture
def gateway(key_of, tenant, other_tenant):
    return key_of("usage", of="platform", tenants=[tenant, other_tenant])


@pytest.fixture
def both_workspaces(key_of, other_tenant, workspace):
    """Workspace ``ws`` of two tenants."""
    other = key_of("money", "workspaces", of=other_tenant)
    other.accepted("/v1/accounts", {"account_id": "theirs", "owner_kind": "org", "currency": "USD"})
    other.accepted("/v1/workspaces", {"workspace_id": "ws", "account_id": "theirs"})
    other.put("/v1/workspaces/ws/billing-mode", {"mode": "platform_managed", "reason": "test"})


def test_items_of_several_tenants_are_answered_in_their_order(gateway, both_workspaces, tenant, other_tenant, model):
    sent = [item(model, tenant=each) for each in (tenant, other_tenant, tenant, other_tenant, other_tenant)]
    response = gateway.post("/v1/usage", {"items": sent})
    answered = response.json()["items"]
    assert [each["id"] for each in answered] == [each["id"] for each in sent]
    assert [each["account_id"] for each in answered] == ["main", "theirs", "main", "theirs", "theirs"]
    assert response.headers["X-Credits-Charged"] == "0.03"


def test_the_same_attempt_id_of_two_tenants_is_two_attempts(gateway, both_workspaces, tenant, other_tenant, model):
    answered = gateway.record(item(model, id="a1", tenant=tenant), item(model, id="a1", tenant=other_tenant))
    assert [each["status"] for each in answered] == ["accepted", "accepted"]


def test_a_lone_tenant_needs_no_merging(gateway, workspace, tenant, model):
    assert [each["status"] for each in gateway.record(item(model, tenant=tenant))] == ["accepted"]


def test_a_tenant_outside_the_list_refuses_the_request_and_stores_nothing(gateway, workspace, tenant, model):
    good = item(model, tenant=tenant)
    refused = gateway.post("/v1/usage", {"items": [good, item(model, tenant="somebody-else")]})
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
    assert [each["status"] for each in gateway.record(good)] == ["accepted"]


def test_an_item_without_a_tenant_is_invalid_under_a_gateway_key(gateway, workspace, tenant, model):
    refused = gateway.post("/v1/usage", {"items": [item(model, tenant=tenant), item(model)]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/items/1/tenant"


def test_a_star_names_every_tenant(key_of, workspace, tenant, model):
    gateway = key_of("usage", of="platform", tenants=["*"])
    assert [each["status"] for each in gateway.record(item(model, tenant=tenant))] == ["accepted"]


def test_another_key_may_not_name_a_tenant_not_even_its_own(owner, workspace, tenant, model):
    refused = owner.post("/v1/usage", item(model, tenant=tenant))
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")


def test_what_several_accounts_are_charged_may_pass_64_bits(
    admin, owner, gateway, both_workspaces, tenant, other_tenant
):
    dear = f"dear-{tenant}"
    price = {"version": "v1", "model": dear, "list": "sell", "currency": "USD", "reason": "r"}
    admin.accepted("/v1/prices", {**price, "price": {"per_unit": {"images": "9000"}}})
    owner.accepted("/v1/accounts", {"account_id": "second", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/workspaces", {"workspace_id": "ws2", "account_id": "second"})
    owner.put("/v1/workspaces/ws2/billing-mode", {"mode": "platform_managed", "reason": "test"})
    places = [(tenant, "ws"), (tenant, "ws2"), (other_tenant, "ws")]
    sent = [item(dear, tenant=of, workspace_id=ws, usage={"images": 1_000_000}) for of, ws in places]
    response = gateway.post("/v1/usage", {"items": sent})
    assert [each["charged"] for each in response.json()["items"]] == ["9000000000.00"] * 3
    assert response.headers["X-Credits-Charged"] == "27000000000.00"


def test_several_tenants_cannot_be_recorded_all_or_none(gateway, both_workspaces, tenant, other_tenant, model):
    sent = [item(model, tenant=tenant), item(model, tenant=other_tenant)]
    refused = gateway.post("/v1/usage", {"items": sent, "atomic": True})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/atomic")


def test_a_batch_of_several_tenants_is_replayed_as_a_whole(gateway, both_workspaces, tenant, other_tenant, model):
    sent = {"items": [item(model, tenant=tenant), item(model, tenant=other_tenant)]}
    first = gateway.post("/v1/usage", sent, key=f"batch-{tenant}")
    again = gateway.post("/v1/usage", sent, key=f"batch-{tenant}")
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_only_the_platform_has_gateway_keys(admin, tenant):
    refused = admin.post("/v1/keys", {"scopes": ["usage"], "source": "g", "tenants": ["*"]}, tenant=tenant)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
