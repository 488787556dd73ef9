"""Usage is corrected, voided and rated again over HTTP, and every refusal leaves things as they were (U16, P10)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from http_door.usage import item
from usage_ledger.usage.corrections import rerating

MONTHS = {"from": "2020-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}


def problem_of(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code, and the pointer of the first error, None where the input itself was fine."""
    problem = response.json()
    return response.status_code, problem["code"], problem["errors"][0]["pointer"] if "errors" in problem else None


@pytest.fixture
def booked(owner, workspace, model):
    """One attempt of 1,000 input tokens and its line."""
    owner.record(item(model, id="a1", usage={"input_tokens": 1_000}))
    return owner.get("/v1/usage/a1").json()


def correct(owner, body: dict[str, Any], item_id: str = "a1", query: str = ""):
    return owner.post(f"/v1/usage/{item_id}/corrections{query}", {"reason": "counted again"} | body)


@pytest.mark.rule("U16")
def test_a_correction_answers_the_difference_and_the_line_shows_it(owner, booked):
    answered = correct(owner, {"usage": {"input_tokens": 3_000}})
    assert answered.status_code == 201
    answer = answered.json()
    assert (answer["delta"], answer["charged"], answer["currency"]) == ("0.006", "0.009", "USD")
    line = owner.get("/v1/usage/a1").json()
    assert (line["charged"], line["buckets"], line["position"]) == ("0.009", {"input": 3_000}, answer["position"])
    assert line["corrected"] == {
        "reason": "counted again",
        "delta": "0.006",
        "void": False,
        "position": booked["position"],
    }
    assert [part["amount"] for part in line["drawn_from"]] == ["0.003", "0.006"]


@pytest.mark.rule("U16")
def test_a_void_gives_everything_back_once(owner, booked):
    voided = correct(owner, {"void": True}).json()
    assert (voided["delta"], voided["void"]) == ("-0.003", True)
    assert problem_of(correct(owner, {"void": True})) == (409, "already_void", None)
    line = owner.get("/v1/usage/a1").json()
    assert (line["charged"], line["drawn_from"], line["buckets"]) == ("0.00", [], {})
    assert line["position"] == voided["position"]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({}, 422, "missing_field", ""),
        ({"void": True, "usage": {}}, 422, "invalid_value", ""),
        ({"usage": {"furlongs": 1}}, 422, "unknown_unit", "/usage"),
        ({"usage": {"input_tokens": -1}}, 422, "invalid_quantity", "/usage"),
        ({"usage": {"input_tokens": 1.5}}, 422, "wrong_type", "/usage/input_tokens"),
        ({"raw_usage": {"prompt_tokens": 1}}, 422, "missing_field", "/api_flavor"),
        ({"raw_usage": {}, "api_flavor": "openai"}, 422, "inconsistent_usage", "/raw_usage"),
        (
            {"raw_usage": {"prompt_tokens": 1, "x": "y" * 5_000}, "api_flavor": "openai"},
            422,
            "raw_usage_too_large",
            "/raw_usage",
        ),
        ({"void": True, "reason": " "}, 422, "missing_reason", None),
        ({"void": True, "knowledge": "future"}, 422, "invalid_value", "/knowledge"),
        ({"usage": {"input_tokens": 2**63 - 1}}, 422, "amount_out_of_range", None),
    ],
)
def test_what_is_refused_changes_nothing(owner, booked, body, status, code, pointer):
    assert problem_of(correct(owner, body)) == (status, code, pointer)
    assert owner.get("/v1/usage/a1").json() == booked


def test_an_attempt_that_nobody_took_is_not_found(owner, workspace, model):
    assert problem_of(correct(owner, {"void": True}, "nothing")) == (404, "attempt_not_found", None)


def test_usage_that_waits_is_not_corrected(owner, workspace, model):
    owner.record(item(model, id="w1", workspace_id="nowhere"))
    assert problem_of(correct(owner, {"void": True}, "w1")) == (404, "attempt_not_found", None)


def test_a_repeat_is_answered_again_and_books_nothing(owner, booked):
    body = {"reason": "r", "usage": {"input_tokens": 2_000}}
    first = owner.post("/v1/usage/a1/corrections", body, key="correction-1")
    again = owner.post("/v1/usage/a1/corrections", body, key="correction-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert owner.get("/v1/usage/a1").json()["charged"] == "0.006"


def test_of_several_sources_one_is_named(owner, workspace, model):
    owner.record(item(model, id="a1"), item(model, id="a1", source="elsewhere"))
    refused = correct(owner, {"void": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "ambiguous_usage_id")
    assert correct(owner, {"void": True}, query="?source=elsewhere").json()["source"] == "elsewhere"
    assert correct(owner, {"void": True}).status_code == 409
    assert owner.get("/v1/usage/a1?source=gateway").json()["charged"] == "0.006"


@pytest.mark.rule("P10")
def test_a_price_that_was_wrong_is_put_right_once(owner, booked, model, admin):
    price = {"per_million": {"input": "1", "output": "15"}}
    right = {"version": "v2", "model": model, "list": "sell", "currency": "USD", "price": price, "reason": "test"}
    admin.accepted("/v1/prices", {**right, "effective_from": "2020-01-01T00:00:00Z"})
    body = {"account_id": "main", **MONTHS}
    shown = owner.post("/v1/usage/rerate", body | {"dry_run": True}).json()
    assert shown["diff"] == [{"attempt": "a1", "source": "gateway", "old": "0.003", "new": "0.001", "delta": "-0.002"}]
    assert owner.get("/v1/usage/a1").json() == booked
    assert owner.post("/v1/usage/rerate", body).json()["total"] == "-0.002"
    assert owner.post("/v1/usage/rerate", body).json()["total"] == "0.00"
    line = owner.get("/v1/usage/a1").json()
    assert (line["charged"], line["price_version"], line["corrected"]["reason"]) == ("0.001", "v2", "rerate")


def test_a_period_of_too_many_lines_is_refused(owner, booked, monkeypatch):
    monkeypatch.setattr(rerating, "MAX_LINES", 0)
    refused = owner.post("/v1/usage/rerate", {"account_id": "main", **MONTHS})
    assert problem_of(refused) == (422, "too_many_lines", None)
    assert owner.get("/v1/usage/a1").json() == booked


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"account_id": "nobody", **MONTHS}, 404, "account_not_found", None),
        ({"account_id": "main", "from": MONTHS["to"], "to": MONTHS["from"]}, 422, "invalid_value", "/to"),
        ({"account_id": "main", "from": "yesterday", "to": MONTHS["to"]}, 422, "invalid_value", "/from"),
        ({"account_id": "main", **MONTHS, "dry_run": "yes"}, 422, "wrong_type", "/dry_run"),
    ],
)
def test_a_period_that_cannot_be_rated_again_is_refused(owner, booked, body, status, code, pointer):
    assert problem_of(owner.post("/v1/usage/rerate", body)) == (status, code, pointer)
    assert owner.get("/v1/usage/a1").json() == booked
