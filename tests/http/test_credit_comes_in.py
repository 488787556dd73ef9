"""Credit over HTTP: for a time to come, until a time, by plan, by dividend; and that a refusal changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

GRANTS = "/v1/accounts/main/grants"
ALLOWANCES = "/v1/accounts/main/allowances"
JOURNAL = "/v1/accounts/main/journal"
FAILURES = "/v1/accounts/main/payment-failures"
PROMO = {"amount": "1.00", "kind": "promo", "reason": "spring"}
TEAM = {"plan": "team", "period": "2999-01", "amount": "1.00", "rollover": "capped:0.50"}


def from_now(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


@pytest.mark.rule("C1")
def test_priority_and_expiry_are_the_lots(owner, account, views):
    expires_at = from_now(days=30)
    owner.accepted(GRANTS, {**PROMO, "priority": 3, "expires_at": expires_at})
    owner.accepted(
        "/v1/accounts/main/purchases",
        {"amount": "2.00", "payment_ref": "p2", "priority": 2, "expires_at": expires_at},
    )
    views()
    lots = owner.get("/v1/accounts/main/balance").json()["grants"]
    assert [(lot["kind"], lot["priority"], lot["expires_at"] is None) for lot in lots] == [
        ("purchase", 2, False),
        ("promo", 3, False),
        ("purchase", 50, True),
    ]
    assert datetime.fromisoformat(lots[0]["expires_at"]) == datetime.fromisoformat(expires_at)


@pytest.mark.rule("C9")
def test_a_grant_for_a_time_to_come_is_answered_as_scheduled(owner, account, views):
    answer = owner.accepted(GRANTS, {**PROMO, "effective_at": from_now(days=1)})
    assert (answer["scheduled"], answer["lot"], answer["posted"]) == (True, None, "5.00")
    views()
    assert owner.get("/v1/accounts/main/balance").json()["posted"] == "5.00"


@pytest.mark.rule("C7")
def test_what_expired_is_gone_before_the_next_command(owner, account, views, wait_until):
    expiry = datetime.now(UTC) + timedelta(seconds=1)
    owner.accepted(GRANTS, {**PROMO, "expires_at": expiry.isoformat()})
    wait_until(expiry)
    owner.accepted(FAILURES, {"payment_ref": "probe"})
    views()
    assert owner.get("/v1/accounts/main/balance").json()["posted"] == "5.00"
    newest = owner.get("/v1/accounts/main/statement").json()["entries"][0]
    assert (newest["type"], newest["effect"], newest["running_balance"]) == ("expiry", "-1.00", "5.00")
    assert datetime.fromisoformat(newest["occurred_at"]) == expiry


@pytest.mark.rule("C6")
@pytest.mark.parametrize(
    ("path", "body"),
    [(GRANTS, PROMO), ("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "p2"})],
)
def test_credit_that_has_expired_already_is_refused(refused, path, body):
    refused(path, {**body, "expires_at": from_now(days=-1)}, 422, "expires_in_past")


@pytest.mark.parametrize("path", [GRANTS, "/v1/accounts/main/purchases"])
@pytest.mark.parametrize("fields", [{"priority": 101}, {"priority": -1}, {"expires_at": "soon"}])
def test_terms_that_are_none_are_told(owner, account, path, fields):
    body = {**PROMO, **fields} if path == GRANTS else {"amount": "1.00", "payment_ref": "p2", **fields}
    response = owner.post(path, body)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(fields))}")


@pytest.mark.rule("C1")
def test_an_unknown_kind_is_refused(refused):
    refused(GRANTS, {**PROMO, "kind": "mystery"}, 422, "unknown_grant_kind")


@pytest.mark.rule("C8")
def test_a_failure_after_success_is_ignored_and_one_before_it_is_not(owner, account, state):
    before = state()
    late = owner.post(FAILURES, {"payment_ref": "pay-1", "reason": "declined"})
    assert (late.status_code, late.json()["ignored"]) == (201, True)
    assert owner.accepted(FAILURES, {"payment_ref": "pay-2"})["ignored"] is False
    assert state() == before
    again = owner.post(FAILURES, {"payment_ref": "pay-2"})
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")


@pytest.mark.rule("C8")
def test_a_failure_reported_for_another_account_is_a_conflict(owner, refused):
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/accounts/other/payment-failures", {"payment_ref": "pay-2"})
    refused(FAILURES, {"payment_ref": "pay-2"}, 409, "payment_failure_conflict")


@pytest.mark.rule("C10")
def test_an_allowance_is_given_once_a_period(owner, account, views):
    period = datetime.now(UTC).strftime("%Y-%m")
    first = owner.post(ALLOWANCES, {**TEAM, "period": period})
    assert (first.status_code, first.json()["amount"], first.json()["scheduled"]) == (201, "1.00", False)
    again = owner.post(ALLOWANCES, {**TEAM, "period": period, "amount": "9.00"})
    assert (again.status_code, again.json()["outcome"], again.json()["amount"]) == (200, "duplicate", "1.00")
    views()
    lots = owner.get("/v1/accounts/main/balance").json()["grants"]
    assert [(lot["kind"], lot["expires_at"] is None) for lot in lots] == [("allowance", False), ("purchase", True)]


@pytest.mark.rule("C10")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"period": "2020-01"}, 409, "period_over"),
        ({"period": "2020-13"}, 422, "invalid_period"),
        ({"period": "2020-01-01"}, 422, "invalid_period"),
        ({"amount": "0"}, 422, "amount_not_positive"),
        ({"amount": "+1"}, 422, "invalid_amount"),
        ({"currency": "EUR"}, 422, "currency_mismatch"),
        ({"rollover": "some"}, 422, "invalid_rollover"),
        ({"rollover": "capped:-1"}, 422, "invalid_rollover"),
        ({"rollover": "capped:1e9"}, 422, "invalid_amount"),
    ],
)
def test_an_allowance_that_cannot_be_given_is_refused(refused, fields, status, code):
    refused(ALLOWANCES, {**TEAM, **fields}, status, code)


@pytest.mark.rule("C9")
def test_an_allowance_that_was_granted_by_hand_is_a_conflict(owner, refused):
    by_hand = {"amount": "1.00", "kind": "allowance", "reason": "by hand", "reference": "team/2999-01"}
    owner.accepted(GRANTS, by_hand)
    refused(ALLOWANCES, TEAM, 409, "grant_conflict")


@pytest.mark.rule("C16")
def test_a_dividend_is_declared_paid_in_runs_and_completed(owner, account, views):
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    body = {"dividend_id": "q1", "pool": "0.000000005", "recipients": ["main", "other"]}
    declared = owner.post("/v1/dividends", body)
    assert declared.status_code == 201
    assert (declared.json()["share"], declared.json()["remainder"]) == ("0.000000002", "0.000000001")
    assert owner.post("/v1/dividends", body).json()["outcome"] == "duplicate"
    first = owner.accepted("/v1/dividends/q1/pay", {"recipients_max": 1})
    assert (first["recipients_paid"], first["recipients_left"], first["completed"]) == (1, 1, False)
    second = owner.accepted("/v1/dividends/q1/pay", {})
    assert (second["recipients_paid"], second["completed"]) == (1, True)
    assert owner.accepted("/v1/dividends/q1/pay", {})["paid"] == "0.00"
    views()
    assert [owner.get(f"/v1/accounts/{each}/balance").json()["posted"] for each in ("main", "other")] == [
        "5.000000002",
        "0.000000002",
    ]


@pytest.mark.rule("C16")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"recipients": ["main", "nobody"]}, 404, "account_not_found"),
        ({"recipients": ["main", "main"]}, 422, "duplicate_recipient"),
        ({"recipients": []}, 422, "invalid_value"),
        ({"recipients": [f"a{number}" for number in range(1_001)]}, 422, "invalid_value"),
        ({"pool": "0"}, 422, "amount_not_positive"),
        ({"currency": "EUR"}, 422, "currency_mismatch"),
    ],
)
def test_a_dividend_that_could_not_be_paid_is_refused(refused, fields, status, code):
    refused("/v1/dividends", {"dividend_id": "q1", "pool": "1.00", "recipients": ["main"], **fields}, status, code)


@pytest.mark.rule("C16")
def test_a_dividend_with_other_terms_is_a_conflict_and_an_unknown_one_not_found(owner, refused):
    owner.accepted("/v1/dividends", {"dividend_id": "q1", "pool": "1.00", "recipients": ["main"]})
    refused("/v1/dividends", {"dividend_id": "q1", "pool": "2.00", "recipients": ["main"]}, 409, "dividend_conflict")
    refused("/v1/dividends/q2/pay", {}, 404, "dividend_not_found")


def test_a_key_of_one_account_declares_no_dividend(key_of, account):
    restricted = key_of("money", account_id="main")
    body = {"dividend_id": "q1", "pool": "1.00", "recipients": ["main"]}
    assert restricted.post("/v1/dividends", body).json()["code"] == "key_scope"


def line(code: int, side: str, amount: str, **fields: str) -> dict[str, Any]:
    return {"account_code": code, "side": side, "amount": amount, **fields}


@pytest.mark.rule("J4")
def test_an_entry_by_hand_is_posted_and_moves_no_credit(owner, account, views):
    lines = [line(3000, "credit", "1.00"), line(1000, "debit", "1.00")]
    posted = owner.post(JOURNAL, {"lines": lines, "reason": "opening balances"})
    assert (posted.status_code, posted.json()["lines"][0]["account_code"]) == (201, 1000)
    views()
    newest = owner.get("/v1/accounts/main/entries").json()["items"][0]
    assert (newest["type"], [each["account_code"] for each in newest["lines"]]) == ("manual", [1000, 3000])
    assert owner.get("/v1/accounts/main/balance").json()["posted"] == "5.00"


MAX = "9223372036.854775807"


@pytest.mark.rule("J2")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "entry_too_short"),
        ([line(1000, "debit", "1.00")], "entry_too_short"),
        ([line(1000, "debit", "0.00"), line(3000, "credit", "0.00")], "amount_not_positive"),
        ([line(1000, "debit", "-1.00"), line(3000, "credit", "-1.00")], "amount_not_positive"),
        ([line(1001, "debit", "1.00"), line(3000, "credit", "1.00")], "unknown_account_code"),
        ([line(1000, "debit", "1.00"), line(2000, "credit", "1.00")], "control_account"),
        ([line(1000, "debit", "1.00", account_id="other"), line(3000, "credit", "1.00")], "foreign_account_line"),
        ([line(1000, "debit", MAX), line(3000, "credit", MAX)], "amount_out_of_range"),
        ([line(1000, "debit", "1.00"), line(3000, "credit", "0.99")], "entry_unbalanced"),
        ([line(1000, "debit", "1e2"), line(3000, "credit", "1.00")], "invalid_amount"),
        ([line(1000, "debit", "0.0000000001"), line(3000, "credit", "1.00")], "amount_too_precise"),
    ],
)
def test_an_entry_that_is_none_is_refused(refused, lines, code):
    refused(JOURNAL, {"lines": lines, "reason": "because"}, 422, code)


@pytest.mark.rule("J4")
def test_an_entry_without_a_reason_is_refused(refused):
    lines = [line(1000, "debit", "1.00"), line(3000, "credit", "1.00")]
    refused(JOURNAL, {"lines": lines}, 422, "missing_reason")


@pytest.mark.rule("J2")
def test_an_unbalanced_entry_says_by_how_much(refused):
    lines = [line(1000, "debit", "1.00"), line(3000, "credit", "0.99")]
    assert refused(JOURNAL, {"lines": lines, "reason": "r"}, 422, "entry_unbalanced").json()["difference"] == "0.01"


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("path", "body"),
    [("grants", PROMO), ("purchases", {"amount": "1.00", "payment_ref": "p2"}), ("allowances", TEAM)],
)
def test_the_platforms_own_account_holds_no_credits(owner, path, body):
    owner.accepted(
        "/v1/accounts",
        {"account_id": "own", "owner_kind": "platform_service", "tier": "internal", "currency": "USD"},
    )
    response = owner.post(f"/v1/accounts/own/{path}", body)
    assert (response.status_code, response.json()["code"]) == (409, "credits_not_applicable")
