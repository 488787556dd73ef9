"""Reads: what the views hold, as of which position, page by page; and what an answer is explained by."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from http_door.usage import item
from usage_ledger.entrypoints.http import view_reading


@pytest.fixture
def charged(owner, workspace, model, views) -> str:
    """The position of one charge of 0.006 on the account's 5.00."""
    position = owner.accepted("/v1/usage", item(model, id="a1"))["position"]
    views()
    return position


def test_a_balance_shows_what_is_left_and_of_which_lots(owner, charged):
    balance = owner.get("/v1/accounts/main/balance").json()
    figures = {name: balance[name] for name in ("posted", "held", "available", "spendable", "currency", "status")}
    assert figures == {
        "posted": "4.994",
        "held": "0.00",
        "available": "4.994",
        "spendable": "4.994",
        "currency": "USD",
        "status": "open",
    }
    (lot,) = balance["grants"]
    assert (lot["kind"], lot["amount"], lot["remaining"], lot["expires_at"]) == ("purchase", "5.00", "4.994", None)
    assert balance["incomplete"] is False


def test_a_balance_can_be_asked_as_of_a_position_or_a_time(owner, account, workspace, model, views):
    before = owner.accepted("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p2"})["position"]
    between = datetime.now(UTC)
    owner.accepted("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p3"})
    views()
    assert owner.get("/v1/accounts/main/balance").json()["posted"] == "7.00"
    then = owner.get("/v1/accounts/main/balance", as_of=before).json()
    assert (then["posted"], then["as_of"]["position"]) == ("6.00", before)
    assert owner.get("/v1/accounts/main/balance", as_of=between.isoformat()).json()["posted"] == "6.00"
    long_ago = (between - timedelta(days=1)).isoformat()
    assert owner.get("/v1/accounts/main/balance", as_of=long_ago).status_code == 404


def test_before_its_opening_an_account_has_no_balance_and_not_a_zero_one(owner, account, views):
    before = owner.accepted("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p2"})["position"]
    owner.accepted("/v1/accounts", {"account_id": "later", "owner_kind": "org", "currency": "USD"})
    views()
    assert owner.get("/v1/accounts/later/balance").json()["posted"] == "0.00"
    assert owner.get("/v1/accounts/later/balance", as_of=before).status_code == 404


def test_a_read_that_waits_sees_the_write(owner, account, views):
    with ThreadPoolExecutor() as others:
        position = owner.accepted("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p2"})["position"]
        waiting = others.submit(owner.get, "/v1/accounts/main/balance", wait_for=position)
        views()
        assert waiting.result().json()["posted"] == "6.00"


def test_a_wait_that_takes_too_long_answers_with_the_older_state(owner, charged, monkeypatch):
    monkeypatch.setattr(view_reading, "wait_for", partial(view_reading.wait_for, timeout_s=0.05))
    shard, _, number = charged.partition("-")
    never = f"{shard}-{int(number) + 1_000_000}"
    answered = owner.get("/v1/accounts/main/balance", wait_for=never)
    assert (answered.status_code, answered.json()["posted"]) == (200, "4.994")
    assert answered.json()["as_of"]["position"] != never


def test_an_account_that_the_views_do_not_know_yet_is_not_a_silent_zero(owner, account):
    missing = owner.get("/v1/accounts/main/balance")
    assert (missing.status_code, missing.json()["code"]) == (404, "account_not_found")


SIDES = ("debit", "credit")


@pytest.mark.rule("J1")
def test_entries_come_newest_first_and_balance(owner, charged):
    items = owner.get("/v1/accounts/main/entries").json()["items"]
    assert [entry["type"] for entry in items] == ["usage", "purchase"]
    for entry in items:
        sides = {
            side: {line["amount"] for line in entry["lines"] if line["side"] == side} for side in ("debit", "credit")
        }
        assert sides["debit"] == sides["credit"]
        assert entry["event_id"]
    codes = {(line["account_code"], line["side"]) for line in items[0]["lines"]}
    assert codes == {(2000, "debit"), (4010, "credit")}


def test_lists_are_read_page_by_page(owner, account, views):
    for number in range(4):
        owner.accepted("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": f"page-{number}"})
    views()
    seen, after = [], {}
    while True:
        page = owner.get("/v1/accounts/main/entries", limit=2, **after).json()
        seen += [entry["reference"] for entry in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ["page-3", "page-2", "page-1", "page-0", "pay-1"]


def test_a_statement_opens_closes_and_adds_up(owner, charged):
    statement = owner.get("/v1/accounts/main/statement").json()
    assert (statement["opening"], statement["closing"]) == ("0.00", "4.994")
    assert [(entry["type"], entry["effect"], entry["running_balance"]) for entry in statement["entries"]] == [
        ("usage", "-0.006", "4.994"),
        ("purchase", "5.00", "5.00"),
    ]


def test_a_statement_of_a_period_opens_with_what_was_before_it(owner, charged):
    usage = owner.get("/v1/accounts/main/entries").json()["items"][0]
    statement = owner.get("/v1/accounts/main/statement", from_=usage["recorded_at"]).json()
    assert (statement["opening"], statement["closing"]) == ("5.00", "4.994")
    earlier = owner.get("/v1/accounts/main/statement", to=usage["recorded_at"]).json()
    assert (earlier["opening"], earlier["closing"]) == ("0.00", "5.00")


def test_usage_is_summed_by_what_is_asked(owner, charged, model):
    (total,) = owner.get("/v1/usage/summary", group_by="model,day").json()["items"]
    assert (total["model"], total["requests"], total["charged"], total["currency"]) == (model, 1, "0.006", "USD")
    assert (total["input_tokens"], total["output_tokens"]) == (1_000, 200)
    assert total["day"] == datetime.now(UTC).date().isoformat()


def test_usage_of_other_days_and_workspaces_is_left_out(owner, charged):
    today = datetime.now(UTC).date()
    assert owner.get("/v1/usage/summary", to=today.isoformat()).json()["items"] == []
    assert owner.get("/v1/usage/summary", workspace_id="other").json()["items"] == []
    assert len(owner.get("/v1/usage/summary", workspace_id="ws").json()["items"]) == 1


SHOWN = ("mode", "payer", "payer_reason", "spend_today", "spend_month", "currency")


def test_a_workspaces_billing_shows_who_pays_and_what_was_spent(owner, charged):
    billing = owner.get("/v1/workspaces/ws/billing").json()
    shown = {
        name: billing[name] for name in ("mode", "payer", "payer_reason", "spend_today", "spend_month", "currency")
    }
    assert shown == {
        "mode": "platform_managed",
        "payer": "main",
        "payer_reason": "pinned",
        "spend_today": "0.006",
        "spend_month": "0.006",
        "currency": "USD",
    }
    assert billing["tokens"]["input_tokens"] == 1_000
    assert billing["last_usage_at"]


def test_the_mode_is_answered_from_the_facts_without_any_view(owner, workspace):
    answered = owner.get("/v1/workspaces/ws/billing-mode").json()
    assert (answered["resolved_mode"], answered["source"]) == ("platform_managed", "workspace_override")
    assert [(rung["name"], rung["decided"]) for rung in answered["rungs"]] == [
        ("workspace_override", True),
        ("derived_provider", False),
        ("derived_default", False),
    ]
    assert answered["changed_by"]["actor"] == {"kind": "service_key", "id": owner.key_id}


def test_the_mode_of_another_time_is_answered_by_the_facts_of_then(owner, workspace):
    before = owner.get("/v1/workspaces/ws/billing-mode").json()
    changed = owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "test"}).json()
    assert changed["resolved_mode"] == "byok"
    assert owner.get("/v1/workspaces/ws/billing-mode").json()["resolved_mode"] == "byok"
    for then in before["as_of"].values():
        asked = owner.get("/v1/workspaces/ws/billing-mode", as_of=then).json()
        assert asked["resolved_mode"] == "platform_managed"
        assert asked["changed_by"] == before["changed_by"]


def test_before_a_workspace_began_it_is_not_found(owner, workspace):
    missing = owner.get("/v1/workspaces/ws/billing-mode", as_of="2020-01-01T00:00:00Z")
    assert (missing.status_code, missing.json()["code"]) == (404, "workspace_not_found")


def test_setting_the_mode_that_is_set_changes_nothing_and_changed_by_nothing(owner, workspace):
    before = owner.get("/v1/workspaces/ws/billing-mode").json()
    same = owner.put("/v1/workspaces/ws/billing-mode", {"mode": "platform_managed", "reason": "again"})
    assert (same.status_code, same.json()["version"]) == (200, before["version"])
    assert owner.get("/v1/workspaces/ws/billing-mode").json()["changed_by"] == before["changed_by"]


@pytest.mark.rule("U11")
def test_one_charge_is_explained_to_the_last_decimal(owner, workspace, model):
    sent = item(model, id="a1", usage={"input_tokens": 1_001, "output_tokens": 1}, tags={"team": "x"})
    owner.record(sent)
    line = owner.get("/v1/usage/a1").json()
    assert line["state"] == "booked"
    assert line["arithmetic"] == {
        "terms": [
            {"bucket": "input", "quantity": 1_001, "unit_price": "0.000003", "amount": "0.003003"},
            {"bucket": "output", "quantity": 1, "unit_price": "0.000015", "amount": "0.000015"},
        ],
        "exact": "0.003018",
        "rounded": "0.003018",
        "text": "1001 x 0.000003 + 1 x 0.000015 = 0.003018, rounded half-even to nano-units: 0.003018 USD",
    }
    assert (line["charged"], line["price_version"], line["list"]) == ("0.003018", "v1", "sell")
    assert (line["mode"], line["payer"], line["payer_reason"]) == ("platform_managed", "main", "pinned")
    assert [(part["lot"], part["amount"]) for part in line["drawn_from"]] == [("lot-2", "0.003018")]
    assert (line["buckets"], line["tags"]) == ({"input": 1_001, "output": 1}, {"team": "x"})


@pytest.mark.rule("C4")
def test_a_charge_beyond_its_lots_shows_the_part_that_is_owed(owner, workspace, model):
    owner.record(
        item(model, id="a1", usage={"output_tokens": 300_000}), item(model, id="a2", usage={"output_tokens": 100_000})
    )
    assert owner.get("/v1/usage/a1").json()["drawn_from"] == [{"lot": "lot-2", "amount": "4.50"}]
    assert owner.get("/v1/usage/a2").json()["drawn_from"] == [
        {"lot": "lot-2", "amount": "0.50"},
        {"lot": None, "amount": "1.00"},
    ]


def test_usage_that_waits_is_shown_with_what_was_sent(owner):
    owner.record(item(id="a1", workspace_id="not-yet"))
    waiting = owner.get("/v1/usage/a1").json()
    assert (waiting["state"], waiting["reason"]) == ("waiting", "workspace_not_found")
    assert waiting["item"]["usage"] == {"input_tokens": 1_000, "output_tokens": 200}


def test_an_id_of_several_sources_has_to_be_told_apart(key_of, owner, workspace, model):
    other = key_of("usage", source="second-gateway")
    owner.record(item(model, id="a1"))
    other.record(item(model, id="a1", usage={"input_tokens": 5}))
    ambiguous = owner.get("/v1/usage/a1")
    assert (ambiguous.status_code, ambiguous.json()["code"]) == (409, "ambiguous_usage_id")
    assert ambiguous.json()["sources"] == ["gateway", "second-gateway"]
    assert owner.get("/v1/usage/a1", source="second-gateway").json()["buckets"] == {"input": 5}


def test_usage_of_a_gateway_key_is_found_by_its_source(key_of, owner, workspace, model, tenant):
    gateway = key_of("usage", of="platform", source=f"edge-{tenant}", tenants=[tenant])
    gateway.record(item(model, id="a1", tenant=tenant))
    assert owner.get("/v1/usage/a1").json()["source"] == f"edge-{tenant}"


def test_usage_that_was_never_taken_is_not_found(owner, workspace, model):
    owner.record(item(model, id="a1", usage={"widgets": 1}))
    missing = owner.get("/v1/usage/a1")
    assert (missing.status_code, missing.json()["code"]) == (404, "attempt_not_found")
