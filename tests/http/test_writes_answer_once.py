"""Idempotency keys: a command has its effect once, and whoever asks again gets the first answer."""

from __future__ import annotations

import pytest

OPENING = {"account_id": "a", "owner_kind": "org", "currency": "USD"}


def test_a_write_answers_201_with_its_position(owner):
    opened = owner.post("/v1/accounts", OPENING)
    assert opened.status_code == 201
    assert opened.json()["account_id"] == "a"
    assert opened.json()["position"].count("-") == 1


@pytest.mark.rule("U1")
def test_the_same_key_and_body_get_the_first_answer_again(owner):
    first = owner.post("/v1/accounts", OPENING, key="once")
    again = owner.post("/v1/accounts", OPENING, key="once")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


@pytest.mark.rule("U1")
def test_white_space_and_the_order_of_members_make_no_other_body(owner):
    owner.post("/v1/accounts", OPENING, key="once")
    shuffled = b'{ "currency":"USD",\n "owner_kind":"org", "account_id":"a" }'
    headers = {"Idempotency-Key": "once", "Content-Type": "application/json"}
    assert owner.send("POST", "/v1/accounts", content=shuffled, headers=headers).status_code == 201


@pytest.mark.rule("U1")
def test_the_same_key_with_another_body_is_a_conflict(owner):
    owner.post("/v1/accounts", OPENING, key="once")
    conflict = owner.post("/v1/accounts", {**OPENING, "currency": "EUR"}, key="once")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.rule("U1")
def test_the_same_key_and_body_for_another_account_is_a_conflict(owner):
    owner.accepted("/v1/accounts", OPENING)
    owner.accepted("/v1/accounts", {**OPENING, "account_id": "b"})
    purchase = {"amount": "1.00", "payment_ref": "p"}
    assert owner.post("/v1/accounts/a/purchases", purchase, key="once").status_code == 201
    assert owner.post("/v1/accounts/b/purchases", purchase, key="once").json()["code"] == "idempotency_conflict"


@pytest.mark.rule("U1")
def test_the_same_key_of_another_source_is_unrelated(key_of):
    first, other = key_of("money", source="one"), key_of("money", source="two")
    assert first.post("/v1/accounts", OPENING, key="once").status_code == 201
    assert other.post("/v1/accounts", {**OPENING, "account_id": "b"}, key="once").status_code == 201


@pytest.mark.rule("U2")
def test_a_refusal_by_rule_is_frozen_under_its_key(owner):
    grant = {"amount": "1.00", "kind": "promo", "reason": "welcome"}
    refused = owner.post("/v1/accounts/a/grants", grant, key="early")
    assert (refused.status_code, refused.json()["code"]) == (404, "account_not_found")
    owner.accepted("/v1/accounts", OPENING)
    again = owner.post("/v1/accounts/a/grants", grant, key="early")
    assert (again.status_code, again.json()) == (404, refused.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert owner.post("/v1/accounts/a/grants", grant, key="later").status_code == 201


@pytest.mark.rule("C8")
def test_the_same_payment_under_a_new_key_answers_200_with_the_first_result(owner, account):
    purchase = {"amount": "2.00", "payment_ref": "card-1"}
    first = owner.post("/v1/accounts/main/purchases", purchase)
    again = owner.post("/v1/accounts/main/purchases", purchase)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["outcome"] == "duplicate"
    assert again.json()["lot"] == first.json()["lot"]
    assert again.json()["posted"] == "7.00"


@pytest.mark.rule("C8")
@pytest.mark.rule("A3")
def test_a_payment_reported_again_after_the_account_was_closed_answers_the_first_result(owner):
    owner.accepted("/v1/accounts", OPENING)
    purchase = {"amount": "2.00", "payment_ref": "card-1"}
    first = owner.accepted("/v1/accounts/a/purchases", purchase)
    owner.accepted("/v1/accounts/a/refunds", {**purchase, "refund_id": "r1", "reason": "left"})
    assert owner.put("/v1/accounts/a/status", {"status": "closed", "reason": "left"}).status_code == 200
    again = owner.post("/v1/accounts/a/purchases", purchase)
    assert (again.status_code, again.json()["outcome"], again.json()["lot"]) == (200, "duplicate", first["lot"])
    new = owner.post("/v1/accounts/a/purchases", {**purchase, "payment_ref": "card-2"})
    assert (new.status_code, new.json()["code"]) == (403, "account_closed")


@pytest.mark.rule("C8")
def test_the_same_payment_with_another_amount_is_a_conflict(owner, account):
    conflict = owner.post("/v1/accounts/main/purchases", {"amount": "9.00", "payment_ref": "pay-1"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "payment_conflict")


def test_a_version_conflict_names_the_current_version_and_is_not_frozen(owner, workspace):
    change = {"mode": "byok", "reason": "test", "expected_version": 1}
    conflict = owner.put("/v1/workspaces/ws/billing-mode", change, key="expected")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "version_conflict")
    assert conflict.json()["current_version"] == 2
    change["expected_version"] = 2
    assert owner.put("/v1/workspaces/ws/billing-mode", change, key="expected").status_code == 200


def test_a_write_without_a_key_is_told_so(owner):
    missing = owner.send("POST", "/v1/accounts", json=OPENING)
    assert (missing.status_code, missing.json()["code"]) == (422, "missing_idempotency_key")


@pytest.mark.parametrize("key", ["", "x" * 129, "with/slash", "..", "späce"])
def test_a_key_that_is_no_id_is_refused(owner, key):
    refused = owner.send("POST", "/v1/accounts", json=OPENING, headers={"Idempotency-Key": key.encode()})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_id")


@pytest.mark.rule("U1")
def test_what_became_of_a_command_can_be_asked(owner):
    owner.post("/v1/accounts", OPENING, key="asked")
    found = owner.get("/v1/commands/gateway/asked").json()
    assert (found["outcome"], found["answer"]["account_id"]) == ("accepted", "a")
    assert len(found["positions"]) == 1


def test_a_command_that_never_came_is_not_found(owner):
    missing = owner.get("/v1/commands/gateway/never")
    assert (missing.status_code, missing.json()["code"]) == (404, "command_not_found")


def test_a_command_of_another_source_needs_scope_read(key_of):
    key_of("money", source="one").post("/v1/accounts", OPENING, key="mine")
    assert key_of("money", source="two").get("/v1/commands/one/mine").status_code == 403
    assert key_of("read", source="two").get("/v1/commands/one/mine").status_code == 200
