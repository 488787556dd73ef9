"""Money that moves without being used or bought, over HTTP: each refusal is told with its code and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

FEES = "/v1/accounts/main/fees"
REFUNDS = "/v1/accounts/main/refunds"
DISPUTES = "/v1/accounts/main/disputes"
ADJUSTMENTS = "/v1/accounts/main/adjustments"
WRITE_OFFS = "/v1/accounts/main/write-offs"
TRANSFERS = "/v1/transfers"

FEE = {"fee": "subscription", "period": "2026-03", "amount": "1.00"}
REFUND = {"payment_ref": "pay-1", "refund_id": "r1", "amount": "2.00", "reason": "asked"}
DISPUTE = {"dispute_id": "d1", "payment_ref": "pay-1", "amount": "2.00"}
ADJUSTMENT = {"amount": "-1.00", "reason": "charged twice", "approver": "fin-1"}
WRITE_OFF = {"amount": "1.00", "reason": "uncollectible", "approver": "fin-1"}
TRANSFER = {"transfer_id": "t1", "from": "main", "to": "other", "amount": "2.00"}
EACH = [(FEES, FEE), (REFUNDS, REFUND), (DISPUTES, DISPUTE), (ADJUSTMENTS, ADJUSTMENT), (WRITE_OFFS, WRITE_OFF)]
each_of_an_account = pytest.mark.parametrize(("path", "body"), EACH, ids=[path.split("/")[-1] for path, _ in EACH])


@pytest.fixture
def other(owner) -> str:
    """A second account, without credit."""
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    return "other"


def balance(owner, account_id: str = "main") -> dict[str, Any]:
    return owner.get(f"/v1/accounts/{account_id}/balance").json()


def newest(owner, account_id: str = "main") -> tuple[str, str, str, str]:
    entry = owner.get(f"/v1/accounts/{account_id}/statement").json()["entries"][0]
    return entry["type"], entry["effect"], entry["running_balance"], entry["reference"]


@pytest.mark.rule("C15")
def test_a_fee_is_charged_and_shown(owner, account, views):
    answer = owner.accepted(FEES, FEE)
    assert (answer["requested"], answer["charged"], answer["shortfall"]) == ("1.00", "1.00", "0.00")
    assert (answer["account_id"], answer["posted"], answer["available"]) == ("main", "4.00", "4.00")
    views()
    assert newest(owner) == ("fee", "-1.00", "4.00", "subscription/2026-03")
    assert balance(owner)["grants"][0]["remaining"] == "4.00"


@pytest.mark.rule("C15")
@pytest.mark.rule("A3")
def test_a_capped_fee_that_is_short_suspends(owner, account, views):
    answer = owner.accepted(FEES, {**FEE, "amount": "9.00", "capped": True, "suspend_if_short": True})
    assert (answer["charged"], answer["shortfall"], answer["posted"]) == ("5.00", "4.00", "0.00")
    nothing = owner.accepted(FEES, {**FEE, "period": "2026-04", "capped": True})
    assert (nothing["charged"], nothing["shortfall"]) == ("0.00", "1.00")
    views()
    assert balance(owner)["status"] == "suspended"
    assert newest(owner)[3] == "subscription/2026-03"


@pytest.mark.rule("C11")
def test_a_refund_is_paid_and_shown(owner, account, views):
    answer = owner.accepted(REFUNDS, REFUND)
    assert (answer["amount"], answer["overdraft"], answer["refundable"]) == ("2.00", "0.00", "3.00")
    views()
    assert newest(owner) == ("refund", "-2.00", "3.00", "r1")


@pytest.mark.rule("C13")
def test_a_dispute_is_opened_and_lost(owner, account, views):
    answer = owner.accepted(DISPUTES, {"dispute_id": "d1", "payment_ref": "pay-1"})
    assert (answer["dispute_id"], answer["amount"], answer["posted"]) == ("d1", "5.00", "0.00")
    views()
    assert (newest(owner)[0], balance(owner)["status"]) == ("dispute_opened", "suspended")
    closed = owner.accepted("/v1/disputes/d1/close", {"outcome": "lost"})
    assert (closed["account_id"], closed["decided"], closed["amount"]) == ("main", "lost", "5.00")
    views()
    assert newest(owner) == ("dispute_lost", "0.00", "0.00", "d1")
    assert balance(owner)["status"] == "suspended"


@pytest.mark.rule("C12")
@pytest.mark.rule("C13")
def test_a_dispute_that_is_won_gives_back_what_it_took(owner, account, views):
    owner.accepted(ADJUSTMENTS, {**ADJUSTMENT, "amount": "-4.00"})
    owner.accepted(DISPUTES, {"dispute_id": "d1", "payment_ref": "pay-1"})
    owner.accepted(ADJUSTMENTS, {**ADJUSTMENT, "amount": "6.00"})
    views()
    assert (balance(owner)["posted"], balance(owner)["overdraft"]) == ("2.00", "0.00")
    owner.accepted("/v1/disputes/d1/close", {"outcome": "won"})
    views()
    shown = balance(owner)
    assert (shown["posted"], shown["status"]) == ("7.00", "open")
    assert [(lot["kind"], lot["amount"], lot["remaining"]) for lot in shown["grants"]] == [
        ("purchase", "5.00", "1.00"),
        ("adjustment", "6.00", "2.00"),
        ("adjustment", "4.00", "4.00"),
    ]


@pytest.mark.rule("C17")
def test_debt_ends_by_a_write_off(owner, account, views):
    owner.accepted(ADJUSTMENTS, {**ADJUSTMENT, "amount": "-6.50", "reverses": "entry-1"})
    views()
    assert newest(owner) == ("adjustment", "-6.50", "-1.50", "entry-1")
    answer = owner.accepted(WRITE_OFFS, WRITE_OFF)
    assert (answer["amount"], answer["overdraft"], answer["posted"]) == ("1.00", "0.50", "-0.50")
    views()
    assert (newest(owner)[0], balance(owner)["overdraft"]) == ("write_off", "0.50")


@pytest.mark.rule("C14")
def test_a_transfer_is_shown_on_both_sides(owner, account, other, views):
    owner.accepted("/v1/accounts/other/adjustments", {**ADJUSTMENT, "amount": "-0.50"})
    answer = owner.accepted(TRANSFERS, TRANSFER)
    assert (answer["account_id"], answer["to"], answer["posted"]) == ("main", "other", "3.00")
    assert answer["debt_settled"] == "0.50"
    views()
    assert newest(owner) == ("transfer_out", "-2.00", "3.00", "t1")
    assert newest(owner, "other") == ("transfer_in", "2.00", "1.50", "t1")
    (lot,) = balance(owner, "other")["grants"]
    assert (lot["kind"], lot["amount"], lot["remaining"]) == ("transfer", "2.00", "1.50")
    totals = owner.get("/v1/trial-balance").json()["currencies"][0]
    (clearing,) = [code for code in totals["codes"] if code["account_code"] == 2950]
    assert clearing["debits"] == clearing["credits"] == "2.00"


@pytest.mark.parametrize(
    ("path", "body"),
    [(FEES, FEE), (REFUNDS, REFUND), (DISPUTES, DISPUTE), (TRANSFERS, TRANSFER)],
    ids=["fee", "refund", "dispute", "transfer"],
)
def test_what_happened_once_is_answered_once_more_under_a_new_key(owner, account, other, path, body):
    first = owner.accepted(path, body)
    again = owner.post(path, body)
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert {**again.json(), "position": 0} == {**first, "outcome": "duplicate", "position": 0}


def test_a_dispute_closed_again_is_a_duplicate_and_the_other_way_a_refusal(owner, account, refused):
    owner.accepted(DISPUTES, DISPUTE)
    owner.accepted("/v1/disputes/d1/close", {"outcome": "won"})
    again = owner.post("/v1/disputes/d1/close", {"outcome": "won"})
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    refused("/v1/disputes/d1/close", {"outcome": "lost"}, 409, "already_decided")


@pytest.mark.rule("A5")
@each_of_an_account
def test_an_unknown_account_is_not_found(refused, path, body):
    refused(path.replace("main", "nobody"), body, 404, "account_not_found")


@pytest.mark.rule("M7")
@each_of_an_account
def test_another_currency_is_refused(refused, path, body):
    refused(path, {**body, "currency": "EUR"}, 422, "currency_mismatch")


@each_of_an_account
@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0.00", "amount_not_positive"),
        ("1e3", "invalid_amount"),
        ("+1", "invalid_amount"),
        ("1,000.00", "invalid_amount"),
        ("0.0000000001", "amount_too_precise"),
        ("9223372036.854775808", "amount_out_of_range"),
    ],
)
def test_an_amount_that_is_none_is_refused(refused, path, body, amount, code):
    refused(path, {**body, "amount": amount}, 422, code)


@pytest.mark.parametrize(("path", "body"), [each for each in EACH if each[0] != ADJUSTMENTS])
def test_an_amount_below_zero_is_refused(refused, path, body):
    refused(path, {**body, "amount": "-1.00"}, 422, "amount_not_positive")


@pytest.mark.parametrize(("path", "body"), [(REFUNDS, REFUND), (ADJUSTMENTS, ADJUSTMENT), (WRITE_OFFS, WRITE_OFF)])
@pytest.mark.parametrize("reason", [None, "  "])
def test_what_is_decided_by_hand_needs_a_reason(refused, path, body, reason):
    given = {name: value for name, value in body.items() if name != "reason"} | ({"reason": reason} if reason else {})
    refused(path, given, 422, "missing_reason")


@pytest.mark.parametrize(("path", "body"), [(ADJUSTMENTS, ADJUSTMENT), (WRITE_OFFS, WRITE_OFF)])
def test_what_is_decided_by_hand_needs_an_approver(refused, path, body):
    given = {name: value for name, value in body.items() if name != "approver"}
    refused(path, given, 422, "missing_field")


@pytest.mark.rule("C15")
@pytest.mark.rule("H2")
def test_a_fee_that_cannot_be_paid_is_refused_with_the_facts(owner, refused):
    problem = refused(FEES, {**FEE, "amount": "6.00"}, 402, "insufficient_credits").json()
    assert (problem["balance"], problem["spendable"], problem["required"]) == ("5.00", "5.00", "6.00")
    owner.accepted(FEES, {**FEE, "amount": "5.00"})
    empty = refused(FEES, {**FEE, "period": "2026-04"}, 402, "credits_exhausted").json()
    assert (empty["balance"], empty["spendable"], empty["required"]) == ("0.00", "0.00", "1.00")


@pytest.mark.parametrize(
    ("path", "body", "changed", "code"),
    [
        (FEES, FEE, {"amount": "2.00"}, "fee_conflict"),
        (REFUNDS, REFUND, {"amount": "1.00"}, "refund_conflict"),
        (DISPUTES, DISPUTE, {"amount": "1.00"}, "dispute_conflict"),
        (TRANSFERS, TRANSFER, {"amount": "1.00"}, "transfer_conflict"),
    ],
)
def test_the_same_identity_with_other_content_is_a_conflict(owner, other, refused, path, body, changed, code):
    owner.accepted(path, body)
    refused(path, {**body, **changed}, 409, code)


@pytest.mark.rule("C11")
@pytest.mark.parametrize(("path", "body"), [(REFUNDS, REFUND), (DISPUTES, DISPUTE)])
def test_no_more_goes_back_than_the_purchase_brought(owner, refused, path, body):
    owner.accepted(REFUNDS, {**REFUND, "refund_id": "r0", "amount": "4.00"})
    problem = refused(path, {**body, "amount": "1.01"}, 409, "refund_exceeds_purchase").json()
    assert (problem["purchased"], problem["refunded"], problem["refundable"]) == ("5.00", "4.00", "1.00")
    refused(path, {**body, "payment_ref": "pay-9"}, 404, "purchase_not_found")


@pytest.mark.rule("C13")
def test_a_dispute_that_nobody_opened_is_not_found(refused):
    refused("/v1/disputes/d9/close", {"outcome": "won"}, 404, "dispute_not_found")


@pytest.mark.rule("C17")
def test_no_more_is_written_off_than_is_owed(refused):
    problem = refused(WRITE_OFFS, WRITE_OFF, 409, "write_off_exceeds_overdraft").json()
    assert problem["overdraft"] == "0.00"


@pytest.mark.rule("C14")
def test_a_transfer_beyond_paid_credit_is_refused(owner, other, refused):
    owner.accepted("/v1/accounts/main/grants", {"amount": "1.00", "kind": "promo", "reason": "test"})
    problem = refused(TRANSFERS, {**TRANSFER, "amount": "5.01"}, 402, "insufficient_transferable").json()
    assert (problem["transferable"], problem["required"]) == ("5.00", "5.01")


@pytest.mark.rule("C14")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"to": "nobody"}, 404, "account_not_found"),
        ({"from": "nobody"}, 404, "account_not_found"),
        ({"to": "main"}, 422, "invalid_value"),
        ({"to": "euros"}, 422, "currency_mismatch"),
        ({"currency": "EUR"}, 422, "currency_mismatch"),
        ({"to": "own"}, 409, "credits_not_applicable"),
        ({"to": "shut"}, 403, "account_closed"),
        ({"from": "shut"}, 403, "account_closed"),
        ({"amount": "0"}, 422, "amount_not_positive"),
        ({"to": "a/b"}, 422, "invalid_id"),
        ({"account_id": "main"}, 422, "unknown_field"),
    ],
)
def test_a_transfer_that_cannot_arrive_does_not_leave(owner, other, refused, fields, status, code):
    owner.accepted("/v1/accounts", {"account_id": "euros", "owner_kind": "org", "currency": "EUR"})
    service = {"account_id": "own", "owner_kind": "platform_service", "tier": "internal", "currency": "USD"}
    owner.accepted("/v1/accounts", service)
    close(owner)
    refused(TRANSFERS, {**TRANSFER, **fields}, status, code)


def close(owner) -> None:
    """An account ``shut`` that is closed."""
    owner.accepted("/v1/accounts", {"account_id": "shut", "owner_kind": "org", "currency": "USD"})
    closed = owner.put("/v1/accounts/shut/status", {"status": "closed", "reason": "test"})
    assert closed.status_code == 200, closed.text


@pytest.mark.rule("A3")
@pytest.mark.parametrize(("what", "body"), [("fees", FEE), ("adjustments", ADJUSTMENT)])
def test_a_closed_account_is_charged_and_given_nothing(owner, account, what, body):
    close(owner)
    refused = owner.post(f"/v1/accounts/shut/{what}", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_closed")


@pytest.mark.rule("A1")
def test_the_platforms_own_account_holds_no_credits_to_adjust(owner, account):
    service = {"account_id": "own", "owner_kind": "platform_service", "tier": "internal", "currency": "USD"}
    owner.accepted("/v1/accounts", service)
    refused = owner.post("/v1/accounts/own/adjustments", ADJUSTMENT)
    assert (refused.status_code, refused.json()["code"]) == (409, "credits_not_applicable")


def test_a_key_of_one_account_transfers_from_it_and_from_no_other(key_of, account, other):
    restricted = key_of("money", account_id="main")
    assert restricted.post(TRANSFERS, TRANSFER).status_code == 201
    back = restricted.post(TRANSFERS, {**TRANSFER, "transfer_id": "t2", "from": "other", "to": "main"})
    assert (back.status_code, back.json()["code"]) == (403, "key_scope")
