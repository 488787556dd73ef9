"""Debits and credits by currency and code, of a tenant or, for operators, of all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from http_door.usage import item


@pytest.fixture
def charged(owner, workspace, model, views) -> str:
    """The position of one charge of 0.006 on the account's 5.00."""
    position = owner.accepted("/v1/usage", item(model, id="a1"))["position"]
    views()
    return position


def codes(balance, currency="USD"):
    (found,) = [each for each in balance["currencies"] if each["currency"] == currency]
    return {each["account_code"]: (each["debits"], each["credits"], each["difference"]) for each in found["codes"]}


@pytest.mark.rule("J5")
def test_a_tenant_sees_its_own_and_it_balances(owner, tenant, charged):
    balance = owner.get("/v1/trial-balance").json()
    assert codes(balance) == {
        1000: ("5.00", "0.00", "5.00"),
        2000: ("0.006", "5.00", "-4.994"),
        4010: ("0.00", "0.006", "-0.006"),
    }
    (usd,) = balance["currencies"]
    assert (usd["debits"], usd["credits"], usd["difference"]) == ("5.006", "5.006", "0.00")
    assert (balance["tenant"], balance["balanced"], balance["incomplete"]) == (tenant, True, False)
    assert balance["as_of"]["position"].partition("-")[0] == charged.partition("-")[0]


def test_the_past_can_be_asked_for_by_position_and_by_time(owner, charged):
    entries = owner.get("/v1/accounts/main/entries").json()["items"]
    purchase = next(entry for entry in entries if entry["type"] == "purchase")
    bought = {1000: ("5.00", "0.00", "5.00"), 2000: ("0.00", "5.00", "-5.00")}
    then = owner.get("/v1/trial-balance", as_of=purchase["position"]).json()
    assert (codes(then), then["as_of"]["position"]) == (bought, purchase["position"])
    assert codes(owner.get("/v1/trial-balance", as_of=purchase["recorded_at"]).json()) == bought
    assert owner.get("/v1/trial-balance", as_of="2000-01-01T00:00:00Z").json()["currencies"] == []


@pytest.mark.rule("J5")
def test_an_operator_sees_all_tenants_and_it_balances(admin, charged):
    everyone = admin.get("/v1/trial-balance").json()
    assert (everyone["tenant"], everyone["balanced"]) == (None, True)
    assert len(everyone["as_of"]["positions"]) == 4
    assert all(Decimal(currency["difference"]) == 0 for currency in everyone["currencies"])
    then = admin.get("/v1/trial-balance", as_of="2000-01-01T00:00:00Z").json()
    assert (then["currencies"], "positions" in then["as_of"]) == ([], False)


def test_an_operator_may_name_a_tenant(admin, tenant, owner, charged):
    named = admin.send("GET", "/v1/trial-balance", headers={"X-Tenant": tenant}).json()
    assert named["currencies"] == owner.get("/v1/trial-balance").json()["currencies"]


@pytest.mark.parametrize("query", [{"as_of": "0-1"}, {"wait_for": "0-1"}])
def test_a_position_says_nothing_about_all_tenants(admin, query):
    refused = admin.get("/v1/trial-balance", **query)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_shard")


@pytest.mark.parametrize("query", [{"as_of": "yesterday"}, {"limit": "1"}])
def test_a_question_that_makes_no_sense_is_refused(owner, query):
    assert owner.get("/v1/trial-balance", **query).status_code == 422


def test_a_key_that_is_restricted_to_an_account_does_not_see_the_tenants(key_of, account):
    refused = key_of("read", account_id=account).get("/v1/trial-balance")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")


def test_it_needs_the_scope_read(key_of):
    assert key_of("usage").get("/v1/trial-balance").status_code == 403
