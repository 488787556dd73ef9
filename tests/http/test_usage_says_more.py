"""Raw usage, attribution, backfills and suspected duplicates over HTTP; what is refused is kept and charges nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from http_door.usage import ago, item

RAW = {"prompt_tokens": 2_006, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 6}}


def raw(model: str, usage: Any, flavor: str = "openai", **fields: Any) -> dict[str, Any]:
    """An item that brings its counts as the provider sent them."""
    sent = item(model, raw_usage=usage, api_flavor=flavor, **fields)
    del sent["usage"]
    return sent


def problem_of(response: httpx.Response) -> tuple[int, str, str]:
    problem = response.json()
    return response.status_code, problem["code"], problem["errors"][0]["pointer"]


@pytest.mark.rule("U7")
def test_raw_usage_is_split_charged_and_shown(owner, workspace, model):
    sent = raw(model, {**RAW, "prompt_tokens_details": {"cached_tokens": 0}}, id="a1", quality="estimated")
    (answered,) = owner.record(sent)
    assert answered["charged"] == "0.010518"
    line = owner.get("/v1/usage/a1").json()
    assert line["buckets"] == {"input": 2_006, "output": 300}
    assert (line["api_flavor"], line["raw_usage"], line["quality"]) == ("openai", sent["raw_usage"], "estimated")


@pytest.mark.parametrize(
    ("usage", "code"),
    [
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 6}}, "inconsistent_usage"),
        ({"promptTokenCount": 5}, "inconsistent_usage"),
        ({"prompt_tokens": -5}, "invalid_quantity"),
        ({"prompt_tokens": 1.0}, "invalid_quantity"),
        ({"prompt_tokens": 1, "x": "y" * 5_000}, "raw_usage_too_large"),
        ({"prompt_tokens": 1, "x": "y" * 300_000}, "raw_usage_too_large"),
    ],
)
def test_raw_usage_that_cannot_be_understood_is_rejected_and_takes_no_id(owner, workspace, model, usage, code):
    answered = owner.record(raw(model, usage, id="a1"), item(model, id="a2"))
    assert [(each["status"], each.get("code")) for each in answered] == [("rejected", code), ("accepted", None)]
    assert owner.get("/v1/usage/a1").status_code == 404
    assert owner.record(item(model, id="a1"))[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"raw_usage": RAW}, "missing_field", "/api_flavor"),
        ({"api_flavor": "openai"}, "missing_field", "/raw_usage"),
        ({"raw_usage": RAW, "api_flavor": "openai"}, "invalid_value", ""),
        ({"raw_usage": [1], "api_flavor": "openai"}, "wrong_type", "/raw_usage"),
        ({"raw_usage": RAW, "api_flavor": "telepathy"}, "invalid_value", "/api_flavor"),
        ({"attributed_to": {"usr": "u"}}, "unknown_field", "/attributed_to/usr"),
        ({"attributed_to": {"user": "a b"}}, "invalid_id", "/attributed_to/user"),
        ({"quality": "guessed"}, "invalid_value", "/quality"),
        ({"hold_id": "a/b"}, "invalid_id", "/hold_id"),
    ],
)
def test_fields_that_do_not_go_together_fail_the_request(owner, workspace, model, fields, code, pointer):
    refused = owner.post("/v1/usage", item(model, id="a1", **fields))
    assert problem_of(refused) == (422, code, pointer)
    assert owner.get("/v1/usage/a1").status_code == 404


@pytest.mark.rule("U14")
def test_attribution_is_kept_with_the_line_unless_the_account_does_not_know_it(owner, workspace, model):
    said = {"user": "u1", "team": "search", "end_user": "e-7"}
    owner.record(item(model, id="a1", attributed_to=said))
    line = owner.get("/v1/usage/a1").json()
    assert (line["attribution"], line["attribution_rejected"]) == (said, None)
    owner.accepted("/v1/accounts", {"account_id": "l", "owner_kind": "org", "currency": "USD", "members": ["u1"]})
    owner.accepted("/v1/workspaces", {"workspace_id": "listed", "account_id": "l"})
    owner.put("/v1/workspaces/listed/billing-mode", {"mode": "platform_managed", "reason": "r"})
    (answered,) = owner.record(item(model, id="a2", workspace_id="listed", attributed_to={"user": "stranger"}))
    assert (answered["status"], answered["charged"]) == ("accepted", "0.006")
    line = owner.get("/v1/usage/a2").json()
    assert (line["attribution"], line["attribution_rejected"]) == (None, {"user": "stranger"})


@pytest.mark.rule("U6")
@pytest.mark.parametrize(
    ("backfill", "code"), [({"approver": "fin-1"}, "missing_reason"), ({"reason": "found"}, "missing_field")]
)
def test_a_backfill_needs_reason_and_approver(owner, workspace, model, backfill, code):
    old = item(model, id="a1", occurred_at=ago(days=60))
    assert owner.record(old)[0]["code"] == "outside_late_window"
    refused = owner.post("/v1/usage", {"items": [old], "backfill": backfill})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert owner.get("/v1/usage/a1").status_code == 404
    full = {"reason": "found", "approver": "fin-1"}
    # The workspace was registered just now, so who pays for what is older than it is not known yet.
    (answered,) = owner.accepted("/v1/usage", {"items": [old], "backfill": full})["items"]
    assert (answered["status"], answered["code"]) == ("quarantined", "workspace_not_found")


@pytest.mark.rule("U3")
def test_one_response_under_two_ids_is_charged_twice_and_listed(owner, workspace, model, views):
    for attempt_id in ("a1", "a2"):
        (answered,) = owner.record(item(model, id=attempt_id, provider_response_id="chatcmpl-1"))
        assert answered["charged"] == "0.006"
    views()
    (listed,) = owner.get("/v1/conflicts").json()["items"]
    assert (listed["attempt_id"], listed["reason"]) == ("a2", "suspected_duplicate")
