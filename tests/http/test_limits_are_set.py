"""Limits and auto top-up over HTTP: what is set is answered, and what is refused changes nothing."""

from __future__ import annotations

import pytest

from http_door.usage import item

LIMITS = "/v1/accounts/main/limits"
TOPUP = "/v1/accounts/main/auto-topup"
DAY = {"budget_id": "d", "limit": "10.00", "window": "day", "zone": "Europe/Berlin"}
USER = {"budget_id": "u", "limit": "1.00", "window": "month", "scope": {"user": "usr-9"}, "thresholds": [50]}


def limits_of(owner) -> dict:
    """As they are; setting nothing changes nothing."""
    answer = owner.put(LIMITS, {}).json()
    answer.pop("position")
    return answer


@pytest.mark.rule("L1")
def test_several_limits_are_set_changed_and_removed_at_once(owner, account):
    body = {"budgets": [DAY, USER], "overdraft_limit": "3.00"}
    answer = owner.put(LIMITS, body)
    assert answer.status_code == 200
    assert limits_of(owner) == {
        "account_id": "main",
        "currency": "USD",
        "overdraft_limit": "3.00",
        "credit_limit": None,
        "budgets": [
            {
                "budget_id": "d",
                "scope": "account",
                "window": "day",
                "zone": "Europe/Berlin",
                "limit": "10.00",
                "enforcement": "hard",
                "thresholds": [80, 100],
                "spend": "0.00",
            },
            {
                "budget_id": "u",
                "scope": {"user": "usr-9"},
                "window": "month",
                "zone": "UTC",
                "limit": "1.00",
                "enforcement": "hard",
                "thresholds": [50],
                "spend": "0.00",
            },
        ],
    }
    owner.put(LIMITS, {"budgets": [{"budget_id": "d", "limit": None}, {**USER, "enforcement": "soft"}]})
    (left,) = limits_of(owner)["budgets"]
    assert (left["budget_id"], left["enforcement"]) == ("u", "soft")


@pytest.mark.rule("L1")
def test_usage_is_counted_and_seen_in_the_answer(owner, workspace, model):
    owner.put(LIMITS, {"budgets": [{**DAY, "window": "total"}]})
    owner.accepted("/v1/usage", item(model, usage={"input_tokens": 1_000_000}))
    assert limits_of(owner)["budgets"][0]["spend"] == "3.00"


@pytest.mark.rule("L1")
def test_what_was_used_before_the_budget_was_set_counts_too(owner, workspace, model):
    owner.accepted("/v1/usage", item(model, usage={"input_tokens": 1_000_000}))
    answer = owner.put(LIMITS, {"budgets": [{**DAY, "window": "total"}, {**USER, "window": "total"}]})
    assert [budget["spend"] for budget in answer.json()["budgets"]] == ["3.00", "0.00"]


@pytest.mark.rule("L2")
def test_a_call_above_a_hard_budget_is_402_with_the_facts(owner, key_of, workspace):
    owner.put(LIMITS, {"budgets": [{**DAY, "limit": "1.00"}]})
    hold = {"hold_id": "h", "workspace_id": workspace, "amount": "1.01"}
    refused = key_of("holds").post("/v1/accounts/main/holds", hold)
    assert (refused.status_code, refused.json()["code"]) == (402, "budget_exceeded")
    facts = {name: refused.json()[name] for name in ("budget", "window", "limit", "spend")}
    assert facts == {"budget": "d", "window": "day", "limit": "1.00", "spend": "0.00"}
    money = {name: refused.json()[name] for name in ("balance", "spendable", "required")}
    assert money == {"balance": "5.00", "spendable": "5.00", "required": "1.01"}


def test_the_credit_limit_is_set_and_taken_away(owner):
    opening = {"account_id": "main", "owner_kind": "org", "currency": "USD", "funding": "invoiced"}
    owner.accepted("/v1/accounts", opening)
    assert owner.put(LIMITS, {"credit_limit": "100.00"}).json()["credit_limit"] == "100.00"
    assert owner.put(LIMITS, {"overdraft_limit": "0.00"}).json()["credit_limit"] == "100.00"
    assert owner.put(LIMITS, {"credit_limit": None}).json()["credit_limit"] is None


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"budgets": [{"budget_id": "x", "limit": None}]}, 404, "budget_not_found", None),
        ({"budgets": [{**DAY, "limit": "-1.00"}]}, 422, "invalid_limit", "/budgets/0/limit"),
        ({"budgets": [{**DAY, "limit": "1e3"}]}, 422, "invalid_amount", "/budgets/0/limit"),
        ({"budgets": [{**DAY, "limit": "0.0000000001"}]}, 422, "amount_too_precise", "/budgets/0/limit"),
        ({"budgets": [{**DAY, "limit": "99999999999"}]}, 422, "amount_out_of_range", "/budgets/0/limit"),
        ({"budgets": [USER, {**DAY, "zone": "Mars/Base"}]}, 422, "invalid_zone", "/budgets/1/zone"),
        ({"budgets": [{**DAY, "scope": {}}]}, 422, "invalid_scope", "/budgets/0/scope"),
        ({"budgets": [{**DAY, "scope": {"user": "a", "team": "b"}}]}, 422, "invalid_scope", "/budgets/0/scope"),
        ({"budgets": [{"budget_id": "d", "limit": "1.00"}]}, 422, "missing_field", "/budgets/0"),
        ({"budgets": [DAY, DAY]}, 422, "invalid_value", "/budgets/1/budget_id"),
        ({"budgets": [DAY], "overdraft_limit": "-5"}, 422, "invalid_limit", "/overdraft_limit"),
        ({"budgets": [DAY], "credit_limit": ""}, 422, "invalid_amount", "/credit_limit"),
        ({"budgets": [{**DAY, "window": "year"}]}, 422, "invalid_value", "/budgets/0/window"),
        ({"budgets": [{**DAY, "thresholds": [0]}]}, 422, "invalid_value", "/budgets/0/thresholds/0"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(owner, account, body, status, code, pointer):
    before = limits_of(owner)
    refused = owner.put(LIMITS, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert pointer is None or refused.json()["errors"][0]["pointer"] == pointer
    assert limits_of(owner) == before


def test_an_account_has_only_so_many_budgets(owner, account):
    owner.put(LIMITS, {"budgets": [{**DAY, "budget_id": f"b{n}"} for n in range(24)]})
    refused = owner.put(LIMITS, {"budgets": [DAY]})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_budgets")
    assert len(limits_of(owner)["budgets"]) == 24


@pytest.mark.rule("L6")
def test_a_top_up_is_configured_triggered_and_completed(owner, account):
    owner.put(TOPUP, {"threshold": "4.00", "amount": "10.00", "monthly_cap": "30.00"})
    owner.accepted("/v1/accounts/main/adjustments", {"amount": "-2.00", "reason": "test", "approver": "op-1"})
    done = owner.post(f"{TOPUP}/complete", {"topup_id": "topup/main/1", "payment_ref": "card/1"})
    assert (done.status_code, done.json()["posted"], done.json()["in_flight"]) == (200, "13.00", None)
    again = owner.post(f"{TOPUP}/complete", {"topup_id": "topup/main/1", "payment_ref": "card/1"})
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")


@pytest.mark.rule("L6")
def test_a_schedule_is_a_day_a_week_or_a_month(owner, account):
    terms = {"threshold": "0.00", "amount": "10.00"}
    for schedule in ("day", "week", "month", None):
        assert owner.put(TOPUP, {**terms, "schedule": schedule}).json()["schedule"] == schedule
    refused = owner.put(TOPUP, {**terms, "schedule": "year"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize(
    ("call", "body", "status", "code"),
    [
        ("", {"threshold": "1.00", "amount": "0.00"}, 422, "amount_not_positive"),
        ("", {"threshold": "1.00", "amount": "1.001"}, 422, "amount_not_chargeable"),
        ("", {"threshold": "-1.00", "amount": "1.00"}, 422, "invalid_limit"),
        ("", {"threshold": "1.00", "amount": "1.00", "monthly_cap": "-1"}, 422, "invalid_limit"),
        ("", {"threshold": "1,000", "amount": "1.00"}, 422, "invalid_amount"),
        ("", {"threshold": "1.00", "amount": "1.00", "currency": "EUR"}, 422, "currency_mismatch"),
        ("/complete", {"topup_id": "topup/low/2"}, 404, "topup_not_found"),
        ("/complete", {"topup_id": "topup/low/1", "payment_ref": "pay-3"}, 409, "payment_conflict"),
        ("/fail", {"topup_id": "topup/main/1"}, 404, "topup_not_found"),
    ],
)
def test_a_top_up_that_makes_no_sense_is_refused_and_changes_nothing(owner, furnished, call, body, status, code):
    before = owner.post("/v1/accounts/low/auto-topup/fail", {"topup_id": "topup/low/1"}).json()
    send = owner.post if call else owner.put
    refused = send(f"/v1/accounts/low/auto-topup{call}", body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    after = owner.post("/v1/accounts/low/auto-topup/fail", {"topup_id": "topup/low/1"}).json()
    assert {**after, "outcome": None, "position": None} == {**before, "outcome": None, "position": None}


def test_a_top_up_that_was_paid_does_not_fail_afterwards(owner, furnished):
    owner.post("/v1/accounts/low/auto-topup/complete", {"topup_id": "topup/low/1"})
    refused = owner.post("/v1/accounts/low/auto-topup/fail", {"topup_id": "topup/low/1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_decided")
    other = owner.post("/v1/accounts/low/auto-topup/complete", {"topup_id": "topup/low/1", "payment_ref": "another"})
    assert (other.status_code, other.json()["code"]) == (409, "topup_conflict")


def test_a_closed_account_is_not_topped_up(owner, account):
    owner.accepted("/v1/accounts/main/adjustments", {"amount": "-5.00", "reason": "test", "approver": "op-1"})
    owner.put("/v1/accounts/main/status", {"status": "closed", "reason": "test"})
    refused = owner.put(TOPUP, {"threshold": "1.00", "amount": "1.00"})
    assert (refused.status_code, refused.json()["code"]) == (403, "account_closed")


def test_a_platforms_own_account_is_not_topped_up(owner, account):
    opening = {"account_id": "service", "owner_kind": "platform_service", "currency": "USD", "tier": "internal"}
    owner.accepted("/v1/accounts", opening)
    refused = owner.put("/v1/accounts/service/auto-topup", {"threshold": "1.00", "amount": "1.00"})
    assert (refused.status_code, refused.json()["code"]) == (409, "credits_not_applicable")
