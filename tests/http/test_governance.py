"""What judges billing modes over HTTP: every refusal leaves it as it was, and it is listed with what became of it.

Everything here is announced for later, or for a workspace of the test's own: other tests share what is in force.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest

from http_door.client import IDEMPOTENCY_KEY, Api
from usage_ledger.adapters.packaged_registry import packaged_content

LATER = datetime.now(UTC) + timedelta(days=2_000)
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def stream(http_database: str) -> Callable[[], int]:
    """How many facts there are of governance."""

    def count() -> int:
        with psycopg.connect(http_database) as connection:
            found = connection.execute("SELECT count(*) FROM ledger.events WHERE stream_id = 'platform/governance'")
            (facts,) = found.fetchone() or (0,)
            return facts

    return count


def registry(label: str | None = None, **fields: Any) -> dict[str, Any]:
    """A body that publishes the packaged registry under a label of its own, for later."""
    label = label or f"r-{uuid4().hex[:8]}"
    content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=label))
    return {"version": label, "content": content, "effective_from": LATER.isoformat(), "reason": "test", **fields}


def with_content(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    body = registry()
    body["content"] = json.loads(json.dumps(body["content"]))
    change(body["content"])
    return body


def _arm(content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The first arm of a runtime that the closed provider has another arm of."""
    runtime = next(each for each in content["runtimes"] if {"platform"} < {arm["provider"] for arm in each["arms"]})
    found: dict[str, Any] = next(arm for arm in runtime["arms"] if arm["provider"] != "platform")
    found.update(fields)
    return runtime


def two_providers_of_one_name(content: dict[str, Any]) -> None:
    content["providers"].append(content["providers"][0])


def two_arms_of_one_provider(content: dict[str, Any]) -> None:
    runtime = _arm(content)
    runtime["arms"].append({**runtime["arms"][0], "models": []})


def an_id_twice(content: dict[str, Any]) -> None:
    _arm(content, models=["twice", "twice"])


def an_arm_of_nobody(content: dict[str, Any]) -> None:
    _arm(content, provider="nobody")


def a_name_only_arm_of_the_closed_provider(content: dict[str, Any]) -> None:
    runtime = _arm(content)
    next(arm for arm in runtime["arms"] if arm["provider"] == "platform")["models"] = []


def no_closed_provider(content: dict[str, Any]) -> None:
    content["closed_provider"] = "nobody"


def no_auth_names(content: dict[str, Any]) -> None:
    content["providers"][0]["auth_names"] = []


def a_vendor_twice(content: dict[str, Any]) -> None:
    content["providers"][0]["upstream_vendor"] = content["providers"][1]["upstream_vendor"] = "same"


def an_id_with_two_payers(content: dict[str, Any]) -> None:
    runtime = _arm(content)
    closed = next(arm for arm in runtime["arms"] if arm["provider"] == "platform")
    next(arm for arm in runtime["arms"] if arm["provider"] != "platform")["models"] = closed["models"][:1]


def a_member_too_many(content: dict[str, Any]) -> None:
    content["surprise"] = 1


def a_member_too_few(content: dict[str, Any]) -> None:
    del content["closed_provider"]


def another_label(content: dict[str, Any]) -> None:
    content["version"] = "another"


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        (two_providers_of_one_name, "duplicate_provider"),
        (two_arms_of_one_provider, "duplicate_arm"),
        (an_id_twice, "duplicate_model"),
        (an_arm_of_nobody, "unknown_provider"),
        (a_name_only_arm_of_the_closed_provider, "name_only_closed_arm"),
        (no_closed_provider, "missing_closed_provider"),
        (no_auth_names, "empty_auth_names"),
        (a_vendor_twice, "duplicate_upstream_vendor"),
        (an_id_with_two_payers, "model_shared_with_closed_provider"),
        (a_member_too_many, "malformed"),
        (a_member_too_few, "malformed"),
        (another_label, "other_label"),
    ],
)
def test_a_registry_with_a_defect_is_refused_and_the_defect_named(admin: Api, stream, defect, code):
    before = stream()
    refused = admin.post("/v1/registries", with_content(defect))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "invalid_registry")
    assert problem[code]
    assert stream() == before


@pytest.mark.parametrize("content", [None, 7, "text", [], {}])
def test_what_is_no_registry_at_all_is_refused(admin: Api, content):
    refused = admin.post("/v1/registries", registry(content=content))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_registry")


def test_a_registry_that_is_nested_deeply_is_refused(admin: Api, stream):
    before = stream()
    for depth in (32, *range(940, 1_000), 100_000):
        text = json.dumps(registry(content="?")).replace('"?"', "[" * depth + "]" * depth)
        headers = {**JSON, "Idempotency-Key": f"deep-{depth}"}
        refused = admin.send("POST", "/v1/registries", content=text, headers=headers)
        assert refused.status_code == 422, (depth, refused.text)
        assert refused.json()["code"] in ("invalid_registry", "invalid_json")
    assert stream() == before


@pytest.mark.parametrize("content", [b'{"a": "\xff"}', b'{"\xff": 1}', b'{"a": 1e999}', b'{"a": "\\ud800"}'])
def test_a_registry_that_is_no_json_is_refused(admin: Api, stream, content: bytes):
    body = b'{"version": "v", "reason": "r", "content": ' + content + b"}"
    before = stream()
    refused = admin.send("POST", "/v1/registries", content=body, headers={**JSON, IDEMPOTENCY_KEY: uuid4().hex})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_json")
    assert stream() == before


def test_a_registry_that_is_too_large_is_refused(admin: Api, stream):
    before = stream()
    body = registry()
    body["content"] = {**body["content"], "surprise": "x" * 200_000}
    problem = admin.post("/v1/registries", body).json()
    assert (problem["code"], problem["size"].endswith("at most 200000")) == ("invalid_registry", True)
    assert stream() == before


@pytest.mark.parametrize(
    ("path", "fields", "status", "code"),
    [
        ("/v1/registries", {"reason": " "}, 422, "missing_reason"),
        ("/v1/registries", {"effective_from": "2026-01-01T00:00:00Z"}, 422, "effective_from_in_past"),
        ("/v1/registries", {"effective_from": "9000-01-01T00:00:00Z"}, 422, "effective_from_too_far"),
        ("/v1/registries", {"effective_from": "soon"}, 422, "invalid_value"),
        ("/v1/registries", {"version": "a/b"}, 422, "invalid_id"),
        ("/v1/registries", {"expected_version": 1_000_000}, 409, "version_conflict"),
        ("/v1/policies", {"reason": ""}, 422, "missing_reason"),
        ("/v1/policies", {"policy": "P7"}, 422, "unknown_policy"),
        ("/v1/policies", {"policy": None}, 422, "wrong_type"),
        ("/v1/policies", {"effective_from": "2026-01-01T00:00:00Z"}, 422, "effective_from_in_past"),
        ("/v1/policies", {"effective_from": "9000-01-01T00:00:00Z"}, 422, "effective_from_too_far"),
        ("/v1/policies", {"scope": {"workspace_id": "nobody"}}, 404, "workspace_not_found"),
        ("/v1/policies", {"scope": {"workspace_id": "a", "organization_id": "b"}}, 422, "invalid_value"),
        ("/v1/policies", {"scope": {"tenant": "a"}}, 422, "unknown_field"),
        ("/v1/policies", {"expected_version": 1_000_000}, 409, "version_conflict"),
    ],
)
def test_a_refused_change_changes_nothing(admin: Api, tenant: str, stream, path, fields, status, code):
    usual = registry() if path == "/v1/registries" else {"policy": "P5", "reason": "r"}
    before = stream()
    refused = admin.post(path, {**usual, **fields}, tenant=tenant)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert stream() == before


def test_a_label_stands_for_one_content_and_is_answered_again_for_the_same(admin: Api, stream):
    body = registry()
    first = admin.accepted("/v1/registries", body)
    after = stream()
    again = admin.accepted("/v1/registries", {name: value for name, value in body.items() if name != "effective_from"})
    assert (again["digest"], again["effective_from"]) == (first["digest"], first["effective_from"])
    other = {**body, "content": {**body["content"], "unmanaged_runtimes": ["elsewhere"]}}
    refused = admin.post("/v1/registries", other)
    assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
    assert refused.json()["digest"] == first["digest"]
    assert stream() == after


def test_the_same_request_again_is_answered_as_the_first_time(admin: Api, stream):
    body = registry()
    answers = [admin.post("/v1/registries", body, key="publish-once") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    after = stream()
    assert admin.post("/v1/registries", registry(), key="publish-once").json()["code"] == "idempotency_conflict"
    assert stream() == after


def test_a_published_registry_is_listed_and_shown_whole(admin: Api):
    body = registry()
    published = admin.accepted("/v1/registries", body)
    listed = admin.get("/v1/registries", limit=1).json()
    (item,) = listed["items"]
    assert (item["version"], item["standing"], item["reason"]) == (body["version"], "announced", "test")
    assert item["published_by"]["kind"] == "service_key"
    assert item["effective_from"] == published["effective_from"]
    whole = admin.get(f"/v1/registries/{body['version']}").json()
    assert {name: whole[name] for name in item} == item
    assert msgspec.convert(whole["content"], type(packaged_content())).version == body["version"]
    assert admin.get("/v1/registries/never-published").json()["code"] == "registry_not_found"


def test_pages_go_on_where_the_one_before_ended(admin: Api):
    labels = [admin.accepted("/v1/registries", registry())["version"] for _ in range(3)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while len(seen) < 3:
        page = admin.get("/v1/registries", limit=1, **after).json()
        seen += [item["version"] for item in page["items"]]
        after = {"after": page["next"]}
    assert seen == labels[::-1]


def test_a_policy_for_a_workspace_judges_it_at_once_and_is_listed(admin: Api, owner: Api, tenant: str, workspace: str):
    owner.put(f"/v1/workspaces/{workspace}/billing-mode", {"mode": "disabled", "reason": "test"})
    body = {"policy": "P5", "scope": {"workspace_id": workspace}, "reason": "no overrides"}
    answer = admin.accepted("/v1/policies", body, tenant=tenant)
    assert (answer["standing"], answer["in_force"], answer["workspace_id"]) == ("in_force", "P5", workspace)
    mode = owner.get(f"/v1/workspaces/{workspace}/billing-mode").json()
    assert (mode["policy"], mode["resolved_mode"] == "disabled") == ("P5", False)
    (item,) = admin.get("/v1/policies", limit=1).json()["items"]
    assert (item["policy"], item["tenant"], item["workspace_id"], item["standing"]) == (
        "P5",
        tenant,
        workspace,
        "in_force",
    )


def test_a_policy_that_is_taken_back_before_its_time_is_superseded(admin: Api, tenant: str):
    scope = {"scope": {"organization_id": "lab"}, "effective_from": LATER.isoformat(), "reason": "r"}
    for policy in ("P5", "P4"):
        assert admin.accepted("/v1/policies", {"policy": policy, **scope}, tenant=tenant)["standing"] == "announced"
    items = [item for item in admin.get("/v1/policies").json()["items"] if item["tenant"] == tenant]
    assert [(item["policy"], item["standing"]) for item in items] == [("P4", "announced"), ("P5", "superseded")]


def test_only_an_admin_asks_what_judges_all_tenants(owner: Api):
    for path in ("/v1/registries", "/v1/policies"):
        assert owner.get(path).json()["code"] == "key_scope"
