"""Settling holds over HTTP: by usage that names them, by an item, by an amount (H5, H7)."""

from __future__ import annotations

from typing import Any

import pytest

from http_door.client import Api
from http_door.usage import item

HOLDS = "/v1/accounts/main/holds"
SETTLE = "/v1/holds/h1/settle"


@pytest.fixture
def held(owner: Api, workspace: str) -> str:
    """A hold of 1.00 on an account of 5.00."""
    owner.accepted(HOLDS, {"hold_id": "h1", "workspace_id": workspace, "amount": "1.00"})
    return "h1"


def free(owner: Api) -> str:
    """What is available, as the next hold is told."""
    answer = owner.post(HOLDS, {"hold_id": "probe", "workspace_id": "ws", "amount": "1000000.00"})
    return answer.json()["spendable"]


@pytest.mark.rule("H5")
def test_usage_that_names_a_hold_settles_it(owner: Api, held: str, model: str) -> None:
    (recorded,) = owner.record(item(model, hold_id=held))
    assert (recorded["charged"], recorded["hold_state"]) == ("0.006", "open")
    assert free(owner) == "4.994"
    (late,) = owner.record(item(model, hold_id=held))
    assert (late["status"], late["hold_state"]) == ("accepted", "settled")


@pytest.mark.rule("H5")
def test_an_amount_above_the_hold_is_charged_in_full(owner: Api, held: str) -> None:
    answer = owner.accepted(SETTLE, {"amount": "1.25"})
    assert {name: answer[name] for name in ("charged", "overage", "released", "held", "available")} == {
        "charged": "1.25",
        "overage": "0.25",
        "released": "0.00",
        "held": "0.00",
        "available": "3.75",
    }


@pytest.mark.rule("H5")
def test_what_is_not_final_keeps_the_rest(owner: Api, held: str, model: str) -> None:
    answer = owner.accepted(SETTLE, {"item": item(model), "final": False})
    assert (answer["charged"], answer["held"], answer["items"][0]["line_status"]) == ("0.006", "0.994", "charged")
    assert owner.accepted(SETTLE, {"amount": "0.10"})["released"] == "0.894"
    closed = owner.accepted(SETTLE, {"amount": "0.10"})
    assert (closed["hold_state"], closed["charged"], closed["available"]) == ("settled", "0.10", "4.794")


@pytest.mark.rule("U1")
def test_a_settlement_is_answered_once_for_its_key(owner: Api, held: str) -> None:
    first = owner.post(SETTLE, {"amount": "0.40"}, key="s1")
    again = owner.post(SETTLE, {"amount": "0.40"}, key="s1")
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (200, first.json(), "true")
    assert free(owner) == "4.60"


@pytest.mark.rule("U3")
def test_an_attempt_that_is_known_is_a_duplicate_and_one_that_contradicts_is_a_conflict(
    owner: Api, held: str, model: str
) -> None:
    sent = item(model, id="a1")
    owner.record(sent)
    assert owner.accepted(SETTLE, {"item": sent})["outcome"] == "duplicate"
    other = owner.post(SETTLE, {"item": {**sent, "usage": {"input_tokens": 1}}})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert free(owner) == "3.994"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "missing_field"),
        ({"amount": "1.00", "item": item()}, 422, "invalid_value"),
        ({"amount": "-1.00"}, 422, "amount_not_positive"),
        ({"amount": "1e2"}, 422, "invalid_amount"),
        ({"amount": "0.0000000001"}, 422, "amount_too_precise"),
        ({"amount": "1.00", "currency": "EUR"}, 422, "currency_mismatch"),
        ({"item": item(usage={"furlongs": 1})}, 422, "unknown_unit"),
        ({"item": item(usage={"input_tokens": -1})}, 422, "invalid_quantity"),
        ({"item": item(hold_id="another")}, 422, "invalid_value"),
        ({"item": item(workspace_id="another")}, 422, "invalid_value"),
        ({"item": item(tenant="another")}, 422, "invalid_value"),
    ],
)
def test_what_cannot_be_settled_is_refused_and_nothing_changes(
    owner: Api, held: str, body: dict[str, Any], status: int, code: str
) -> None:
    response = owner.post(SETTLE, body)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert free(owner) == "4.00"


def test_a_hold_that_was_never_placed_is_404(owner: Api, workspace: str) -> None:
    response = owner.post("/v1/holds/never/settle", {"amount": "1.00"})
    assert (response.status_code, response.json()["code"]) == (404, "hold_not_found")


@pytest.mark.rule("H5")
def test_an_amount_is_explained_as_given_and_not_as_rated(owner: Api, held: str) -> None:
    (settled,) = owner.accepted(SETTLE, {"amount": "0.25"}, key="s1")["items"]
    line = owner.get(f"/v1/usage/{settled['id']}").json()
    assert (line["list"], line["price_version"], line["arithmetic"]) == ("stated", None, None)
    assert (line["charged"], line["hold_id"], line["hold_state"]) == ("0.25", "h1", "open")
