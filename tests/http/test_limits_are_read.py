"""Budgets, alerts and auto top-up as readers see them, from the views."""

from __future__ import annotations

import pytest

from http_door.usage import item

LIMITS = "/v1/accounts/main/limits"
TOTAL = {"budget_id": "all", "limit": "4.00", "window": "total", "thresholds": [50, 100]}


def read(owner, views, path):
    views()
    answer = owner.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.rule("L1")
def test_a_budget_shows_what_is_spent_held_and_left(owner, key_of, workspace, model, views):
    owner.put(LIMITS, {"budgets": [TOTAL, {**TOTAL, "budget_id": "u", "scope": {"user": "u1"}, "window": "day"}]})
    owner.accepted("/v1/usage", item(model, usage={"input_tokens": 1_000_000}))
    hold = {"hold_id": "h", "workspace_id": workspace, "amount": "0.25"}
    key_of("holds").accepted("/v1/accounts/main/holds", hold)
    answer = read(owner, views, "/v1/accounts/main/budgets")
    account, user = answer["items"]
    counted_from = account.pop("counted_from")
    assert counted_from.endswith("Z")
    assert account == {
        "budget_id": "all",
        "scope": "account",
        "window": "total",
        "zone": "UTC",
        "window_start": None,
        "window_end": None,
        "limit": "4.00",
        "spend": "3.00",
        "held": "0.25",
        "left": "0.75",
        "enforcement": "hard",
        "thresholds": [50, 100],
        "crossed": [50],
        "currency": "USD",
    }
    assert (user["scope"], user["spend"], user["held"], user["left"]) == ({"user": "u1"}, "0.00", "0.00", "4.00")
    assert user["window_start"][11:].startswith("00:00:00")
    assert answer["next"] is None
    assert not answer["incomplete"]


def test_a_budget_that_was_removed_is_not_listed(owner, account, views):
    owner.put(LIMITS, {"budgets": [TOTAL]})
    owner.put(LIMITS, {"budgets": [{"budget_id": "all", "limit": None}]})
    assert read(owner, views, "/v1/accounts/main/budgets")["items"] == []


def test_budgets_and_alerts_come_in_pages(owner, workspace, model, views):
    owner.put(LIMITS, {"budgets": [{**TOTAL, "budget_id": f"b{n}", "thresholds": [1]} for n in range(3)]})
    owner.accepted("/v1/usage", item(model, usage={"input_tokens": 1_000_000}))
    for path, name, expected in (
        ("/v1/accounts/main/budgets", "budget_id", ["b0", "b1", "b2"]),
        ("/v1/accounts/main/alerts", "budget_id", ["b2", "b1", "b0"]),
    ):
        first = read(owner, views, f"{path}?limit=2")
        rest = read(owner, views, f"{path}?limit=2&after={first['next']}")
        assert [each[name] for each in first["items"] + rest["items"]] == expected
        assert rest["next"] is None


@pytest.mark.rule("L3")
@pytest.mark.rule("L4")
def test_alerts_are_listed_newest_first_each_with_its_own(owner, workspace, model, views):
    owner.put(LIMITS, {"budgets": [TOTAL]})
    owner.accepted("/v1/usage", item(model, usage={"input_tokens": 2_000_000}))
    exhausted, full, half = read(owner, views, "/v1/accounts/main/alerts")["items"]
    for each in (exhausted, full, half):
        assert each.pop("raised_at").endswith("Z")
        assert "-" in each.pop("position")
    assert exhausted == {"kind": "credits_exhausted", "balance": "-1.00", "currency": "USD"}
    crossed = {"kind": "budget_threshold_crossed", "budget_id": "all", "window": "total", "spend": "6.00"}
    assert full == crossed | {"limit": "4.00", "threshold": 100, "currency": "USD"}
    assert half["threshold"] == 50


@pytest.mark.rule("L6")
def test_top_ups_show_what_became_of_the_latest_attempts(owner, account, views):
    terms = {"threshold": "10.00", "amount": "5.00", "monthly_cap": "50.00", "schedule": "month"}
    owner.put("/v1/accounts/main/auto-topup", terms)
    for number, ended in ((1, "fail"), (2, "complete")):
        owner.accepted("/v1/accounts/main/adjustments", {"amount": "-1.00", "reason": "r", "approver": f"a{number}"})
        body = {"topup_id": f"topup/main/{number}"} | ({"reason": "card_declined"} if ended == "fail" else {})
        owner.accepted(f"/v1/accounts/main/auto-topup/{ended}", body)
    owner.accepted("/v1/accounts/main/adjustments", {"amount": "-1.00", "reason": "r", "approver": "a3"})
    answer = read(owner, views, "/v1/accounts/main/auto-topup")
    assert (answer["enabled"], answer["failures"], answer["monthly_cap"]) == (True, 0, "50.00")
    assert (answer["schedule"], {each["trigger"] for each in answer["attempts"]}) == ("month", {"balance"})
    assert [(each["topup_id"], each["state"], each["reason"], each["payment_ref"]) for each in answer["attempts"]] == [
        ("topup/main/3", "in_flight", None, None),
        ("topup/main/2", "completed", None, "topup/main/2"),
        ("topup/main/1", "failed", "card_declined", None),
    ]


def test_what_is_not_there_is_not_found(owner, account, views):
    views()
    for path, code in (
        ("/v1/accounts/nobody/budgets", "account_not_found"),
        ("/v1/accounts/nobody/alerts", "account_not_found"),
        ("/v1/accounts/main/auto-topup", "topup_not_found"),
    ):
        answer = owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
