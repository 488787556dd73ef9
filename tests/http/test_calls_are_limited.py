"""Rate limits over HTTP: 429 with the time to wait, for rate only (L7)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from http_door.client import Api
from usage_ledger.accounts.rate_limits import setting

HOLDS = "/v1/accounts/main/holds"
LIMIT = "/v1/accounts/main/rate-limits/chat"


def place(api: Api, number: int, **fields: Any) -> httpx.Response:
    return api.post(HOLDS, {"hold_id": f"h{number}", "workspace_id": "ws", "amount": "0.01", **fields})


@pytest.mark.rule("L7")
def test_more_calls_than_may_come_at_once_are_429_and_may_be_sent_again(owner: Api, workspace: str) -> None:
    set_ = owner.put(LIMIT, {"limit": 2, "per_seconds": 3600})
    assert (set_.status_code, set_.json()["burst"]) == (200, 2)
    assert [place(owner, number).status_code for number in range(2)] == [201, 201]
    refused = owner.post(HOLDS, {"hold_id": "h2", "workspace_id": "ws", "amount": "0.01"}, key="ask")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) == refused.json()["retry_after"] <= 1800
    owner.put(LIMIT, {"limit": None, "per_seconds": 3600})
    again = owner.post(HOLDS, {"hold_id": "h2", "workspace_id": "ws", "amount": "0.01"}, key="ask")
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (201, None)


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        (LIMIT, {"limit": 0, "per_seconds": 60}, 422, "invalid_value"),
        (LIMIT, {"limit": 1, "per_seconds": 0}, 422, "invalid_value"),
        (LIMIT, {"limit": 1, "per_seconds": 60, "burst": 0}, 422, "invalid_value"),
        (LIMIT, {"per_seconds": 60}, 422, "missing_field"),
        ("/v1/accounts/nobody/rate-limits/chat", {"limit": 1, "per_seconds": 60}, 404, "account_not_found"),
    ],
)
def test_a_rate_limit_that_cannot_be_is_refused(
    owner: Api, workspace: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    response = owner.put(path, sent)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert [place(owner, number).status_code for number in range(2)] == [201, 201]


@pytest.mark.rule("K1")
@pytest.mark.rule("H1")
def test_a_key_holds_credit_only_for_the_calls_that_it_is_for(owner: Api, key_of, workspace: str, model: str) -> None:
    narrow = key_of("holds", capabilities=["chat"], models=["model-*"], bill_to=["sponsor"])
    estimate = {"amount": None, "estimate": {"model": model, "max_input_tokens": 1}}
    assert place(narrow, 1, **estimate).status_code == 201
    for fields in (
        {**estimate, "capability": "image"},
        {"estimate": None},
        {"amount": None, "estimate": {"model": f"other-{model}", "max_input_tokens": 1}},
        {**estimate, "bill_to": "somebody"},
    ):
        refused = place(narrow, 2, **fields)
        assert (refused.status_code, refused.json()["code"]) == (403, "key_scope"), fields
    assert place(narrow, 2, **estimate, bill_to="sponsor").json()["code"] == "bill_to_not_authorized"
    assert place(owner, 2, capability="image").status_code == 201


@pytest.mark.rule("L8")
def test_a_key_that_runs_wild_rests(owner: Api, key_of, workspace: str) -> None:
    wild = key_of("holds", circuit={"requests": 2, "within_s": 3600, "open_s": 300})
    assert [place(wild, number).status_code for number in range(3)] == [201, 201, 429]
    refused = place(wild, 3)
    assert (refused.json()["code"], refused.json()["retry_after"]) == (
        "circuit_open",
        int(refused.headers["Retry-After"]),
    )
    assert place(wild, 3, workspace_id="nobody").json()["code"] == "workspace_not_found"
    assert place(owner, 3).status_code == 201


@pytest.mark.parametrize("field", [{"models": ["a b"]}, {"bill_to": ["a/b"]}, {"circuit": {"requests": 0}}])
def test_a_key_that_cannot_be_is_not_issued(admin: Api, tenant: str, field: dict[str, Any]) -> None:
    issued = admin.post("/v1/keys", {"scopes": ["holds"], "source": "s", **field}, tenant=tenant)
    assert issued.status_code == 422


def test_an_account_has_rate_limits_for_only_so_many_capabilities(
    owner: Api, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting, "RATE_LIMITS_MAX", 1)
    assert owner.put(LIMIT, {"limit": 2, "per_seconds": 60}).status_code == 200
    refused = owner.put("/v1/accounts/main/rate-limits/image", {"limit": 2, "per_seconds": 60})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_rate_limits")
