"""Holds over HTTP: what is admitted, what each refusal says, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from http_door.client import Api
from http_door.running import running_door
from usage_ledger.settings import Settings

HOLDS = "/v1/accounts/main/holds"


def body(hold_id: str = "h1", amount: str | None = "1.00", **fields: Any) -> dict[str, Any]:
    amounts = {} if amount is None else {"amount": amount}
    return {"hold_id": hold_id, "workspace_id": "ws", **amounts, **fields}


@pytest.fixture
def refused(owner: Api, workspace: str) -> Callable[..., httpx.Response]:
    """The answer to a hold that must be refused with this status and code, after which a hold of it all is admitted."""

    def ask(status: int, code: str, sent: dict[str, Any], path: str = HOLDS) -> httpx.Response:
        response = owner.post(path, sent)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        everything = f"everything-{uuid4().hex}"
        owner.accepted(HOLDS, body(everything, "5.00"))
        owner.accepted(f"/v1/holds/{everything}/release", {})
        return response

    return ask


@pytest.mark.rule("H11")
def test_a_hold_is_placed_and_released(owner: Api, workspace: str) -> None:
    placed = owner.post(HOLDS, body(amount="1.25"))
    assert placed.status_code == 201
    answer = placed.json()
    assert (answer["held"], answer["available"], answer["payer"]) == ("1.25", "3.75", "main")
    assert answer["position"]
    released = owner.post("/v1/holds/h1/release", {})
    assert (released.status_code, released.json()["available"]) == (200, "5.00")


@pytest.mark.rule("H2")
def test_more_than_is_there_is_402_with_what_there_is(refused) -> None:
    problem = refused(402, "insufficient_credits", body(amount="5.01")).json()
    assert (problem["balance"], problem["spendable"], problem["required"]) == ("5.00", "5.00", "5.01")


@pytest.mark.rule("H2")
def test_nothing_left_is_402_and_another_code(owner: Api, workspace: str) -> None:
    owner.accepted(HOLDS, body("all", "5.00"))
    response = owner.post(HOLDS, body(amount="0.01"))
    assert (response.status_code, response.json()["code"]) == (402, "credits_exhausted")
    assert response.json()["spendable"] == "0.00"


@pytest.mark.rule("H9")
@pytest.mark.rule("H8")
def test_parallel_holds_never_overspend(owner: Api, workspace: str) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: owner.post(HOLDS, body(f"h{n}", "0.75")), range(10)))
    codes = [answer.json().get("code") for answer in answers]
    assert (codes.count(None), codes.count("insufficient_credits")) == (6, 4)
    assert owner.post(HOLDS, body("rest", "0.51")).status_code == 402
    assert owner.post(HOLDS, body("last", "0.50")).status_code == 201


@pytest.mark.rule("H10")
def test_looking_at_the_balance_reserves_nothing(
    owner: Api, workspace: str, key_of: Callable[..., Api], views: Callable[[], None]
) -> None:
    """Two that look see enough for both; only the holds tell that it is enough for one."""
    views()
    one, other = owner, key_of("holds", "read", source="another")
    seen = [each.get("/v1/accounts/main/balance").json()["available"] for each in (one, other)]
    placed = [each.post(HOLDS, body(f"h{n}", "4.00")).status_code for n, each in enumerate((one, other))]
    assert (seen, placed) == (["5.00", "5.00"], [201, 402])


@pytest.mark.rule("U2")
def test_a_refusal_is_the_answer_to_its_key_when_money_has_come(owner: Api, workspace: str) -> None:
    sent = body(amount="9.00")
    assert owner.post(HOLDS, sent, key="ask-1").status_code == 402
    owner.accepted("/v1/accounts/main/purchases", {"amount": "20.00", "payment_ref": "pay-2"})
    again = owner.post(HOLDS, sent, key="ask-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (402, "true")
    assert owner.post(HOLDS, sent, key="ask-2").status_code == 201


def test_input_that_makes_no_hold_is_422(refused) -> None:
    refused(422, "missing_field", body(amount=None))
    refused(422, "invalid_value", body(estimate={"model": "m"}))
    refused(422, "invalid_value", body(expires_in_s=0))
    refused(422, "invalid_value", body(expires_in_s=86_401))
    refused(422, "amount_not_positive", body(amount="0"))
    refused(422, "invalid_amount", body(amount="1e3"))
    refused(422, "invalid_amount", body(amount="1,000"))
    refused(422, "amount_too_precise", body(amount="0.0000000001"))
    refused(422, "currency_mismatch", body(currency="EUR"))
    refused(422, "wrong_type", body(amount=1))
    negative = {"model": "m", "max_reported_cost": {"amount": "-1", "currency": "USD"}}
    refused(422, "invalid_quantity", body(amount=None, estimate=negative))


@pytest.mark.rule("A5")
def test_what_is_not_there_is_404(refused) -> None:
    refused(404, "account_not_found", body(), "/v1/accounts/nobody/holds")
    refused(404, "workspace_not_found", body(workspace_id="nobody"))


def test_an_id_is_used_once(owner: Api, workspace: str) -> None:
    owner.accepted(HOLDS, body())
    response = owner.post(HOLDS, body())
    assert (response.status_code, response.json()["code"]) == (409, "hold_exists")


@pytest.mark.rule("H6")
def test_only_an_open_hold_is_released(owner: Api, workspace: str) -> None:
    owner.accepted(HOLDS, body())
    owner.accepted("/v1/holds/h1/release", {})
    again = owner.post("/v1/holds/h1/release", {})
    assert (again.status_code, again.json()["code"], again.json()["hold_state"]) == (409, "hold_not_open", "released")
    never = owner.post("/v1/holds/never/release", {})
    assert (never.status_code, never.json()["code"]) == (404, "hold_not_found")


def test_whom_the_workspace_names_pays_and_nobody_else(owner: Api, refused) -> None:
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    owner.accepted("/v1/workspaces", {"workspace_id": "theirs", "account_id": "other"})
    owner.accepted("/v1/workspaces", {"workspace_id": "nobodys"})
    for workspace_id in ("theirs", "nobodys", "ws"):
        mode = {"mode": "platform_managed", "reason": "test"}
        owner.put(f"/v1/workspaces/{workspace_id}/billing-mode", mode)
    assert refused(403, "payer_required", body(workspace_id="theirs")).json()["payer"] == "other"
    refused(403, "payer_required", body(workspace_id="nobodys"))
    refused(409, "run_not_decided", body(run_id="run-1"))


def test_a_disabled_workspace_calls_nothing(owner: Api, workspace: str) -> None:
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "disabled", "reason": "test"})
    response = owner.post(HOLDS, body())
    assert (response.status_code, response.json()["code"]) == (403, "mode_disabled")


def test_where_the_workspace_pays_its_own_provider_nothing_is_held(owner: Api, workspace: str) -> None:
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "test"})
    answer = owner.accepted(HOLDS, body(amount="100.00"))
    assert (answer["held"], answer["payer"], answer["mode"]) == ("0.00", None, "byok")


@pytest.mark.rule("H3")
def test_an_estimate_is_rated_and_zero_always_passes(owner: Api, admin: Api, workspace: str, model: str) -> None:
    price = {"per_million": {"input": "0", "output": "0"}}
    free = f"{model}-free"
    published = {"version": "v1", "model": free, "list": "sell", "currency": "USD", "price": price, "reason": "test"}
    admin.accepted("/v1/prices", published)
    answer = owner.accepted(
        HOLDS, body(amount=None, estimate={"model": model, "max_input_tokens": 1_000_000, "max_output_tokens": 100_000})
    )
    assert (answer["held"], answer["price_version"]) == ("4.50", "v1")
    tokens = {"max_input_tokens": 1_000_000}
    short = owner.post(HOLDS, body("h2", None, estimate={"model": model, **tokens}))
    assert (short.status_code, short.json()["required"]) == (402, "3.00")
    assert owner.accepted(HOLDS, body("h3", None, estimate={"model": free, **tokens}))["held"] == "0.00"
    unknown = owner.post(HOLDS, body("h4", None, estimate={"model": "nobody-sells-this", **tokens}))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unpriced_model")


def test_a_key_of_one_account_closes_its_own_holds_only(owner: Api, key_of, workspace: str) -> None:
    owner.accepted("/v1/accounts", {"account_id": "other", "owner_kind": "org", "currency": "USD"})
    own, foreign = key_of("holds", account_id="main"), key_of("holds", account_id="other")
    own.accepted(HOLDS, body())
    assert foreign.post(HOLDS, body("h2")).json()["code"] == "key_scope"
    assert foreign.post("/v1/holds/h1/release", {}).json()["code"] == "key_scope"
    assert foreign.post("/v1/holds/never/release", {}).json()["code"] == "hold_not_found"
    assert own.post("/v1/holds/h1/release", {}).status_code == 200


def test_a_gateway_names_the_tenant_of_a_hold(owner: Api, key_of, tenant: str, workspace: str) -> None:
    gateway = key_of("holds", of="platform", tenants=[tenant])
    assert gateway.post(HOLDS, body()).json()["code"] == "missing_field"
    assert gateway.post(HOLDS, body(tenant="elsewhere")).json()["code"] == "key_scope"
    assert owner.post(HOLDS, body(tenant=tenant)).json()["code"] == "key_scope"
    assert gateway.post(HOLDS, body(tenant=tenant)).status_code == 201
    assert gateway.post("/v1/holds/h1/release", {"tenant": tenant}).status_code == 200


@pytest.mark.rule("K1")
def test_a_key_holds_credit_only_for_calls_of_its_capabilities(workspace: str, key_of: Callable[..., Api]) -> None:
    painter = key_of("holds", capabilities=["image"])
    for chat in (body("h1"), body("h1", capability="chat")):
        response = painter.post(HOLDS, chat)
        assert (response.status_code, response.json()["code"]) == (403, "key_scope")
    assert painter.post(HOLDS, body("h1", "5.00", capability="image")).status_code == 201


@pytest.mark.rule("L2")
def test_a_hard_budget_is_402_when_the_funds_would_do(owner: Api, workspace: str, refused) -> None:
    budget = {"budget_id": "d", "scope": "account", "window": "day", "zone": "UTC", "limit": "5.00"}
    limits = owner.put("/v1/accounts/main/limits", {"budgets": [budget]})
    assert limits.status_code == 200, limits.text
    owner.accepted("/v1/accounts/main/purchases", {"amount": "20.00", "payment_ref": "pay-2"})
    problem = refused(402, "budget_exceeded", body(amount="5.01")).json()
    assert (problem["budget"], problem["window"], problem["limit"]) == ("d", "day", "5.00")


@pytest.mark.rule("A3")
def test_an_account_that_is_not_open_is_not_held(owner: Api, workspace: str) -> None:
    owner.accepted(HOLDS, body("before", "1.00"))
    owner.put("/v1/accounts/main/status", {"status": "suspended", "reason": "manual"})
    suspended = owner.post(HOLDS, body())
    assert (suspended.status_code, suspended.json()["code"]) == (403, "account_suspended")
    assert owner.post("/v1/holds/before/settle", {"amount": "5.00"}).status_code == 200
    owner.put("/v1/accounts/main/status", {"status": "closed", "reason": "left us"})
    closed = owner.post(HOLDS, body())
    assert (closed.status_code, closed.json()["code"]) == (403, "account_closed")


@pytest.mark.rule("M2")
def test_what_is_held_stays_within_64_bits(owner: Api, workspace: str) -> None:
    owner.accepted(
        "/v1/accounts", {"account_id": "vast", "owner_kind": "org", "currency": "USD", "funding": "invoiced"}
    )
    owner.accepted("/v1/workspaces", {"workspace_id": "vast-ws", "account_id": "vast"})
    owner.put("/v1/workspaces/vast-ws/billing-mode", {"mode": "platform_managed", "reason": "test"})
    path, sent = "/v1/accounts/vast/holds", {"workspace_id": "vast-ws", "amount": "9000000000.00"}
    assert owner.post(path, {"hold_id": "h1", **sent}).status_code == 201
    refused = owner.post(path, {"hold_id": "h2", **sent})
    assert (refused.status_code, refused.json()["code"]) == (422, "amount_out_of_range")


def test_a_refusal_for_money_says_where_credit_is_bought(http_settings: Settings, owner: Api, workspace: str) -> None:
    url = "https://example.org/credit"
    settings = http_settings.model_copy(update={"http_top_up_url": url})
    with running_door(settings) as other, Api(other.url, owner.key) as api:
        poor = api.post(HOLDS, body(amount="5.01"))
        assert (poor.status_code, poor.json()["top_up_url"]) == (402, url)
        assert "top_up_url" not in api.post(HOLDS, body(workspace_id="nobody")).json()
