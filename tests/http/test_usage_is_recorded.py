"""POST /v1/usage: 200 whenever the request can be decoded, and every item with a status of its own."""

from __future__ import annotations

import pytest

from http_door.usage import ago, item

# 1,000 x 3 USD and 200 x 15 USD a million.
CHARGED = "0.006"


def test_an_accepted_item_says_what_was_charged_to_whom_and_why(owner, workspace, model):
    response = owner.post("/v1/usage", {"items": [item(model, id="a1")]})
    (answered,) = response.json()["items"]
    assert answered == {
        "id": "a1",
        "status": "accepted",
        "charged": CHARGED,
        "account_id": "main",
        "payer_reason": "pinned",
        "mode": "platform_managed",
        "mode_source": "workspace_override",
        "line_status": "charged",
    }
    assert response.json()["position"]


@pytest.mark.rule("U17")
def test_the_headers_tell_what_the_request_charged_and_left(owner, workspace, model):
    response = owner.post("/v1/usage", {"items": [item(model, id="a1"), item(model)]})
    headers = response.headers
    assert (headers["X-Credits-Charged"], headers["X-Credits-Currency"]) == ("0.012", "USD")
    assert headers["X-Credits-Available"] == response.json()["available"] == "4.988"
    assert headers["X-Usage-Event-Id"] == owner.get("/v1/usage/a1").json()["event_id"]
    assert "X-Hold-Id" not in headers


@pytest.mark.rule("U17")
def test_a_repeat_has_the_headers_of_the_first_answer(owner, workspace, model):
    body = item(model)
    first = owner.post("/v1/usage", body, key="headers-1")
    again = owner.post("/v1/usage", body, key="headers-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Usage-Event-Id"] == first.headers["X-Usage-Event-Id"]
    assert again.headers["X-Credits-Charged"] == first.headers["X-Credits-Charged"]


@pytest.mark.rule("U17")
def test_a_hold_is_told_in_headers_and_so_is_its_settlement(owner, workspace, model):
    placed = owner.post("/v1/accounts/main/holds", {"hold_id": "h1", "workspace_id": "ws", "amount": "0.50"})
    assert (placed.headers["X-Hold-Id"], placed.headers["X-Credits-Held"]) == ("h1", "0.50")
    assert placed.headers["X-Credits-Available"] == "4.50"
    used = owner.post("/v1/usage", item(model, hold_id="h1"))
    assert (used.headers["X-Hold-Id"], used.headers["X-Credits-Available"]) == ("h1", "4.994")
    assert "X-Credits-Held" not in used.headers


@pytest.mark.rule("U17")
def test_what_is_not_charged_at_all_has_no_credit_headers(owner, workspace, model):
    response = owner.post("/v1/usage", item(model, usage={"input_tokens": -1}))
    assert not [name for name in response.headers if name.lower().startswith("x-credits")]


def test_a_lone_item_is_a_batch_of_one(owner, workspace, model):
    (answered,) = owner.accepted("/v1/usage", item(model))["items"]
    assert answered["status"] == "accepted"


@pytest.mark.rule("U3")
def test_an_attempt_that_comes_again_is_a_duplicate(owner, workspace, model):
    sent = item(model)
    owner.record(sent)
    assert [answered["status"] for answered in owner.record(sent)] == ["duplicate"]


@pytest.mark.rule("U3")
def test_an_attempt_that_comes_again_with_other_counts_is_a_conflict(owner, workspace, model):
    sent = item(model)
    owner.record(sent)
    (answered,) = owner.record({**sent, "usage": {"input_tokens": 1}})
    assert (answered["status"], answered["code"]) == ("conflict", "idempotency_conflict")


@pytest.mark.rule("U4")
def test_answers_come_in_the_order_of_the_items(owner, workspace, model):
    sent = [item(model), item(model, usage={"widgets": 1}), item(model, workspace_id="unknown"), item(model)]
    answered = owner.record(*sent)
    assert [each["id"] for each in answered] == [each["id"] for each in sent]
    assert [each["status"] for each in answered] == ["accepted", "rejected", "quarantined", "accepted"]


@pytest.mark.rule("U5")
@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"usage": {"widgets": 1}}, "rejected", "unknown_unit"),
        ({"usage": {"input_tokens": -1}}, "rejected", "invalid_quantity"),
        ({"usage": {"input_tokens": 2**63}}, "rejected", "invalid_quantity"),
        ({"usage": {"input_tokens": 10**30}}, "rejected", "invalid_quantity"),
        ({"occurred_at": ago(hours=-1)}, "rejected", "occurred_in_future"),
        ({"occurred_at": ago(days=36)}, "rejected", "outside_late_window"),
        ({"workspace_id": "never-registered"}, "quarantined", "workspace_not_found"),
        ({"run_id": "run-1"}, "quarantined", "run_not_decided"),
    ],
)
def test_what_is_wrong_with_an_item_is_its_own_and_the_request_is_200(owner, workspace, model, fields, status, code):
    wrong, right = owner.record(item(model, **fields), item(model))
    assert (wrong["status"], wrong["code"]) == (status, code)
    assert right["status"] == "accepted"


def test_the_largest_count_that_fits_is_accepted_where_it_is_not_charged(owner, workspace):
    (answered,) = owner.record(item("unpriced-model", usage={"input_tokens": 2**63 - 1}))
    assert (answered["status"], answered["line_status"], answered["reason"]) == ("accepted", "unpriced", "no_price")


def test_an_unknown_model_is_accepted_and_unpriced(owner, workspace):
    (answered,) = owner.record(item("nobody-knows-it"))
    assert (answered["status"], answered["line_status"], answered["charged"]) == ("accepted", "unpriced", "0.00")


@pytest.mark.rule("U4")
def test_a_request_whose_items_are_all_refused_is_still_200(owner, workspace, model):
    response = owner.post("/v1/usage", {"items": [item(model, usage={"widgets": 1})]})
    assert (response.status_code, response.json()["outcome"]) == (200, "refused")


@pytest.mark.rule("U4")
def test_atomic_usage_with_a_bad_item_records_nothing(owner, workspace, model):
    good = item(model)
    refused = owner.post("/v1/usage", {"items": [good, item(model, usage={"widgets": 1})], "atomic": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "item_refused")
    assert [answered["status"] for answered in owner.record(good)] == ["accepted"]


def test_usage_needs_no_idempotency_key(owner, workspace, model):
    response = owner.send("POST", "/v1/usage", json=item(model))
    assert response.status_code == 200


def test_usage_with_an_idempotency_key_gets_the_first_answer_again(owner, workspace, model):
    sent = {"items": [item(model), item(model)]}
    first = owner.post("/v1/usage", sent, key="batch-1")
    again = owner.post("/v1/usage", sent, key="batch-1")
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    other = owner.post("/v1/usage", {"items": [item(model)]}, key="batch-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_a_thousand_items_are_one_request(owner, workspace, model):
    assert len(owner.record(*(item(model) for _ in range(1_000)))) == 1_000
