"""Whatever is wrong with a request is told with a status, a code and a pointer; nothing of it is stored."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from http_door.client import Api
from http_door.usage import item
from usage_ledger_views.reading.page import cursor_after

JSON = {"Content-Type": "application/json"}
LIMIT = 4 * 1024 * 1024
NUL = "\0"


def send_raw(api: Api, content: Any, **headers: str) -> httpx.Response:
    return api.send("POST", "/v1/usage", content=content, headers={**JSON, **headers})


def problem_of(response: httpx.Response) -> tuple[int, str, str]:
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, problem["code"], problem["errors"][0]["pointer"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"items": [',
        b"not json",
        b'{"items": []} trailing',
        b"{'items': []}",
        b'{"id": "\xff"}',
        b'{"id": "\\ud800"}',
        b'{"usage": {"input_tokens": NaN}}',
        b'{"usage": {"input_tokens": Infinity}}',
        b"[" * 200_000,
        b'{"x":' * 200_000,
        b'{"items":' + b"[" * 200_000,
    ],
)
def test_what_is_not_json_is_refused(owner, content):
    refused = send_raw(owner, content)
    assert refused.status_code == 422
    assert refused.json()["code"] in ("invalid_json", "wrong_type")


@pytest.mark.parametrize("content", [b"[]", b"null", b"5", b'"text"'])
def test_what_is_no_object_is_refused(owner, content):
    assert problem_of(send_raw(owner, content)) == (422, "wrong_type", "")


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"usage": {"input_tokens": 1.5}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"output_tokens": 1, "input_tokens": 1.0}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"input_tokens": 1e300}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"output_tokens": 1, "input_tokens": True}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"input_tokens": "5"}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"input_tokens": None}}, "wrong_type", "/usage/input_tokens"),
        ({"usage": {"a/b~c": "5"}}, "wrong_type", "/usage/a~1b~0c"),
        ({"usage": []}, "wrong_type", "/usage"),
        ({"usage": None}, "wrong_type", "/usage"),
        ({"id": 5}, "wrong_type", "/id"),
        ({"id": ""}, "invalid_id", "/id"),
        ({"id": "a b"}, "invalid_id", "/id"),
        ({"id": "a/b"}, "invalid_id", "/id"),
        ({"id": ".."}, "invalid_id", "/id"),
        ({"id": "."}, "invalid_id", "/id"),
        ({"id": "x" * 129}, "invalid_id", "/id"),
        ({"id": "line\n"}, "invalid_id", "/id"),
        ({"id": "nul\0"}, "invalid_value", ""),
        ({"tags": {"name": "nul\0"}}, "invalid_value", ""),
        ({"workspace_id": "ws/other"}, "invalid_id", "/workspace_id"),
        ({"model": "späce"}, "invalid_id", "/model"),
        ({"occurred_at": "yesterday"}, "invalid_value", "/occurred_at"),
        ({"occurred_at": "2026-05-01T00:00:00"}, "invalid_value", "/occurred_at"),
        ({"occurred_at": 1_780_000_000}, "wrong_type", "/occurred_at"),
        ({"credential": "mine"}, "invalid_value", "/credential"),
        ({"status": "done"}, "invalid_value", "/status"),
        ({"tags": {str(n): "x" for n in range(17)}}, "invalid_value", "/tags"),
        ({"reported_cost": {"amount": 5, "currency": "USD"}}, "wrong_type", "/reported_cost/amount"),
        ({"reported_cost": {"amount": "5", "currency": "usd"}}, "invalid_currency", "/reported_cost/currency"),
        ({"colour": "red"}, "unknown_field", "/colour"),
        ({"reported_cost": {"amount": "5", "currency": "USD", "tax": "1"}}, "unknown_field", "/reported_cost/tax"),
    ],
)
def test_each_wrong_field_has_a_code_and_a_pointer(owner, fields, code, pointer):
    assert problem_of(owner.post("/v1/usage", item(**fields))) == (422, code, pointer)
    in_batch = f"/items/1{pointer}" if pointer else ""
    assert problem_of(owner.post("/v1/usage", {"items": [item(), item(**fields)]})) == (422, code, in_batch)


@pytest.mark.parametrize(
    "name", [" - at `$.foo[...]", " - at `$.items[0][...]", "x` - at `$.id[...]", " - at `$.model[0]"]
)
def test_a_field_whose_name_looks_like_a_place_is_refused(owner, name):
    refused = owner.post("/v1/usage", {**item(), name: 1})
    assert (refused.status_code, refused.json()["code"]) in ((422, "unknown_field"), (422, "invalid_value"))


@pytest.mark.parametrize("number", ["1e400"])
def test_a_number_too_long_for_any_type_is_refused(owner, number):
    content = json.dumps(item(usage={"input_tokens": "?"})).replace('"?"', number)
    assert problem_of(send_raw(owner, content)) == (422, "invalid_value", "/usage")


def test_raw_usage_that_is_nested_deeply_is_refused(owner, workspace, model):
    """However deep, it comes nowhere near what the interpreter's stack takes, neither now nor when it is read."""
    usual = item(model, api_flavor="openai", raw_usage={"prompt_tokens": 1, "deep": "?"})
    del usual["usage"]
    for depth in (32, *range(940, 980)):
        content = json.dumps({"items": [usual]}).replace('"?"', "[" * depth + "]" * depth)
        refused = send_raw(owner, content, **{"Idempotency-Key": f"deep-{depth}"})
        assert refused.status_code == 422, (depth, refused.text)
        assert refused.json()["code"] in ("invalid_value", "invalid_json")
    content = json.dumps({"items": [usual]}).replace('"?"', "[" * 31 + "]" * 31)
    assert send_raw(owner, content).json()["items"][0]["status"] == "accepted"


def test_raw_usage_that_is_nested_deeply_corrects_nothing(owner, workspace, model):
    (booked,) = owner.record(item(model))
    path = f"/v1/usage/{booked['id']}/corrections"
    body = {"reason": "wrong", "api_flavor": "openai", "raw_usage": {"prompt_tokens": 1, "deep": "?"}}
    for depth in (32, *range(940, 980)):
        content = json.dumps(body).replace('"?"', "[" * depth + "]" * depth)
        refused = owner.send("POST", path, content=content, headers={**JSON, "Idempotency-Key": f"deep-{depth}"})
        assert refused.status_code == 422, (depth, refused.text)
        assert refused.json()["code"] in ("invalid_value", "invalid_json")


def test_counts_of_thousands_of_digits_are_the_items_own_problem(owner, workspace, model):
    usage = {f"unit-{n}-{'x' * 50}": 10**4_250 for n in range(64)}
    answered = owner.record(item(model, usage=usage), item(model))
    assert [(each["status"], each.get("code")) for each in answered] == [
        ("rejected", "unknown_unit"),
        ("accepted", None),
    ]


@pytest.mark.rule("U5")
@pytest.mark.parametrize("number", ["1" + "0" * 5_000, "-" + "9" * 100_000])
@pytest.mark.parametrize("lone", [True, False])
def test_a_count_too_long_to_be_read_is_the_items_own_problem(owner, workspace, model, number, lone):
    long, good = item(model, usage={"input_tokens": "?"}, tags={"a": "9" * 200}), item(model)
    content = json.dumps(long if lone else {"items": [long, good]}).replace('"?"', number)
    answers = [send_raw(owner, content, **{"Idempotency-Key": "same"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    first, *others = answers[1].json()["items"]
    assert (first["status"], first["code"]) == ("rejected", "invalid_quantity")
    assert [other["status"] for other in others] == ([] if lone else ["accepted"])


@pytest.mark.parametrize("name", ["id", "workspace_id", "occurred_at", "model", "usage"])
def test_a_missing_field_is_named(owner, name):
    sent = item()
    del sent[name]
    assert problem_of(owner.post("/v1/usage", sent)) == (422, "missing_field", f"/{name}")


def test_a_wrong_item_refuses_the_whole_request_and_nothing_is_stored(owner, workspace, model):
    good = item(model)
    assert owner.post("/v1/usage", {"items": [good, item(model, usage={"input_tokens": 1.5})]}).status_code == 422
    assert [each["status"] for each in owner.record(good)] == ["accepted"]


def test_more_than_a_thousand_items_are_too_many(owner):
    items = [item() for _ in range(1_001)]
    assert problem_of(owner.post("/v1/usage", {"items": items})) == (422, "too_many_items", "/items")


def test_no_items_are_no_batch(owner):
    assert problem_of(owner.post("/v1/usage", {"items": []})) == (422, "invalid_value", "/items")


def test_a_body_over_the_limit_is_refused_by_its_declared_length(owner):
    refused = send_raw(owner, b"x" * (LIMIT + 1))
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert refused.headers["Connection"] == "close"


def test_a_body_over_the_limit_is_refused_without_a_declared_length(owner):
    chunks = (b"x" * 65_536 for _ in range(LIMIT // 65_536 + 1))
    refused = send_raw(owner, chunks)
    assert "content-length" not in refused.request.headers
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_another_media_type_is_refused(owner, media_type):
    refused = owner.send("POST", "/v1/usage", content=json.dumps(item()), headers={"Content-Type": media_type})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")


def test_a_compressed_body_is_refused(owner):
    assert send_raw(owner, b"x", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_parameters_of_the_media_type_do_not_matter(owner, media_type):
    answered = owner.send("POST", "/v1/usage", content=json.dumps(item()), headers={"Content-Type": media_type})
    assert answered.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code", "pointer"),
    [
        ("/v1/accounts", {"account_id": "a", "owner_kind": "org"}, "missing_field", "/currency"),
        ("/v1/accounts", {"account_id": "a", "owner_kind": "club", "currency": "USD"}, "invalid_value", "/owner_kind"),
        ("/v1/accounts", {"account_id": "a", "owner_kind": "org", "currency": "usd"}, "invalid_currency", "/currency"),
        (
            "/v1/accounts",
            {"account_id": "a", "owner_kind": "org", "currency": "USD", "zone": "Mars/Olympus"},
            "invalid_zone",
            "/zone",
        ),
        ("/v1/accounts/main/purchases", {"amount": 5, "payment_ref": "p"}, "wrong_type", "/amount"),
        ("/v1/accounts/main/purchases", {"amount": 5.5, "payment_ref": "p"}, "wrong_type", "/amount"),
        ("/v1/accounts/main/purchases", {"amount": "5e2", "payment_ref": "p"}, "invalid_amount", "/amount"),
        ("/v1/accounts/main/purchases", {"amount": "1,000", "payment_ref": "p"}, "invalid_amount", "/amount"),
        (
            "/v1/accounts/main/purchases",
            {"amount": "0.0000000001", "payment_ref": "p"},
            "amount_too_precise",
            "/amount",
        ),
        (
            "/v1/accounts/main/purchases",
            {"amount": "9223372036.854775808", "payment_ref": "p"},
            "amount_out_of_range",
            "/amount",
        ),
        ("/v1/accounts/main/purchases", {"amount": "1.00", "payment_ref": "nul\0"}, "invalid_value", ""),
        ("/v1/accounts/main/purchases", {"amount": "1.00"}, "missing_field", "/payment_ref"),
        (
            "/v1/accounts/main/purchases",
            {"amount": "1.00", "payment_ref": "p", "account_id": "main"},
            "unknown_field",
            "/account_id",
        ),
        ("/v1/accounts/main/grants", {"amount": "1.00", "kind": "promo"}, "missing_reason", "/reason"),
        ("/v1/workspaces", {"workspace_id": "a/b"}, "invalid_id", "/workspace_id"),
        ("/v1/workspaces", {"workspace_id": "a", "model": " .. "}, "invalid_id", "/model"),
        ("/v1/workspaces", {"workspace_id": "a", "model": " " * 1_025}, "invalid_value", "/model"),
        ("/v1/workspaces", {"workspace_id": "a", "runtime": " " * 1_000_000 + "!"}, "invalid_value", "/runtime"),
    ],
)
def test_wrong_input_to_a_write_has_a_code_and_a_pointer(owner, account, path, body, code, pointer):
    assert problem_of(owner.post(path, body)) == (422, code, pointer)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/accounts/nobody/purchases", {"amount": "1.00", "payment_ref": "p"}, 404, "account_not_found"),
        ("/v1/accounts/main/purchases", {"amount": "0.00", "payment_ref": "p"}, 422, "amount_not_positive"),
        ("/v1/accounts/main/purchases", {"amount": "-1.00", "payment_ref": "p"}, 422, "amount_not_positive"),
        ("/v1/accounts/main/purchases", {"amount": "1.005", "payment_ref": "p"}, 422, "amount_not_chargeable"),
        (
            "/v1/accounts/main/purchases",
            {"amount": "1.00", "payment_ref": "p", "currency": "EUR"},
            422,
            "currency_mismatch",
        ),
        ("/v1/accounts/main/grants", {"amount": "1.00", "kind": "bribe", "reason": "r"}, 422, "unknown_grant_kind"),
        ("/v1/accounts", {"account_id": "main", "owner_kind": "org", "currency": "USD"}, 409, "account_exists"),
        ("/v1/workspaces", {"workspace_id": "ws2", "account_id": "nobody"}, 404, "account_not_found"),
    ],
)
def test_a_refusal_by_rule_has_the_status_of_its_code(owner, account, path, body, status, code):
    refused = owner.post(path, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_platform_account_holds_no_credits(owner):
    opening = {"account_id": "own", "owner_kind": "platform_service", "tier": "internal", "currency": "USD"}
    owner.accepted("/v1/accounts", opening)
    refused = owner.post("/v1/accounts/own/grants", {"amount": "1.00", "kind": "admin", "reason": "r"})
    assert (refused.status_code, refused.json()["code"]) == (409, "credits_not_applicable")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"mode": "free", "reason": "r"}, 422, "invalid_billing_mode"),
        ({"reason": "r"}, 422, "invalid_billing_mode"),
        ({"mode": "byok"}, 422, "missing_reason"),
        ({"mode": "byok", "reason": "  "}, 422, "missing_reason"),
    ],
)
def test_a_mode_and_a_reason_are_needed(owner, workspace, change, status, code):
    refused = owner.put("/v1/workspaces/ws/billing-mode", change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_an_unknown_workspace_has_no_mode_to_change(owner):
    refused = owner.put("/v1/workspaces/nowhere/billing-mode", {"mode": "byok", "reason": "r"})
    assert (refused.status_code, refused.json()["code"]) == (404, "workspace_not_found")


def test_a_workspace_is_registered_once(owner, workspace):
    refused = owner.post("/v1/workspaces", {"workspace_id": "ws"})
    assert (refused.status_code, refused.json()["code"]) == (409, "workspace_exists")


def test_a_price_version_is_published_once(admin, model):
    price = {"version": "v1", "model": model, "list": "sell", "currency": "USD", "reason": "r"}
    refused = admin.post("/v1/prices", {**price, "price": {"per_million": {"input": "4"}}})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_version_exists")


@pytest.mark.parametrize(
    ("price", "code", "pointer"),
    [
        ({"per_million": {"input": "-1"}}, "invalid_price", "/price/per_million/input"),
        ({"per_million": {"input": 3}}, "wrong_type", "/price/per_million/input"),
        ({"per_million": {"widgets": "1"}}, "unknown_unit", "/price/per_million/widgets"),
        ({}, "invalid_price", "/price"),
    ],
)
def test_a_price_that_is_none_is_refused(admin, price, code, pointer):
    body = {"version": "v9", "model": "m", "list": "sell", "currency": "USD", "reason": "r", "price": price}
    assert problem_of(admin.post("/v1/prices", body)) == (422, code, pointer)


def test_bad_ids_in_the_path_are_refused(owner):
    for path in ("/v1/accounts/a%20b/balance", "/v1/accounts/a%00b/balance", "/v1/accounts/%2E%2E/balance"):
        refused = owner._client.request("GET", path)
        assert (refused.status_code, refused.json()["code"]) in ((422, "invalid_id"), (404, "route_not_found"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("wait_for=nonsense", "invalid_value"),
        ("wait_for=9-1", "wrong_shard"),
        ("as_of=yesterday", "invalid_value"),
        ("limit=3", "unknown_field"),
    ],
)
def test_wrong_query_parameters_are_refused(owner, query, code):
    refused = owner.get(f"/v1/accounts/a/balance?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"])
@pytest.mark.parametrize("path", ["/v1/accounts/main/balance", "/v1/workspaces/ws/billing-mode"])
def test_a_time_that_utc_has_no_year_for_is_refused(owner, workspace, path, as_of):
    refused = owner.get(f"{path}?as_of={as_of}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("expires_at", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_key_cannot_expire_outside_the_years_of_utc(admin, expires_at):
    refused = admin.post("/v1/keys", {"scopes": ["read"], "source": "s", "expires_at": expires_at})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("query", ["limit=many", "limit=-1", "after=%21%21", "after=W10"])
def test_wrong_pages_are_refused(owner, account, views, query):
    views()
    refused = owner.get(f"/v1/accounts/main/entries?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize(
    "query", ["group_by=colour", "from=yesterday", "to=2026-13-01", "after=x", f"after={cursor_after([NUL])}"]
)
def test_wrong_summaries_are_refused(owner, query):
    assert owner.get(f"/v1/usage/summary?{query}").json()["code"] == "invalid_value"


def test_an_unknown_route_is_not_found(anonymous):
    missing = anonymous.send("GET", "/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "route_not_found")
    assert missing.json()["instance"] == "/v1/nothing"


def test_another_method_is_not_allowed(anonymous):
    refused = anonymous.send("DELETE", "/v1/usage")
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "POST"
