"""Runs over HTTP: decided once, refused by the gates with everything that is missing, and a refusal decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from http_door.client import Api

RUNS = "/v1/workspaces/ws/runs"


@pytest.fixture
def workspaces(key_of: Callable[..., Api]) -> Api:
    return key_of("workspaces", "usage", "read")


def register(api: Api, workspace_id: str = "ws", **fields: str) -> None:
    api.accepted("/v1/workspaces", {"workspace_id": workspace_id, **fields})


def test_a_run_is_decided_and_the_answer_says_why(workspaces: Api) -> None:
    register(workspaces)
    response = workspaces.post(RUNS, {"run_id": "r1"})
    assert response.status_code == 201
    answer = response.json()
    assert (answer["run_id"], answer["workspace_id"], answer["provision_outcome"]) == ("r1", "ws", "decision_only")
    assert answer["position"]
    assert {seen["name"] for seen in answer["inputs"]} >= {"override", "model", "runtime", "proxy"}


def test_the_same_run_again_is_the_first_decision_under_any_key(workspaces: Api) -> None:
    register(workspaces)
    first = workspaces.post(RUNS, {"run_id": "r1"}, key="one").json()
    replayed = workspaces.post(RUNS, {"run_id": "r1"}, key="one")
    assert (replayed.status_code, replayed.headers["Idempotent-Replayed"]) == (201, "true")
    workspaces.put("/v1/workspaces/ws/billing-mode", {"mode": "disabled", "reason": "r"})
    again = workspaces.post(RUNS, {"run_id": "r1"}, key="two")
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    frozen = ("resolved_mode", "source", "policy", "inputs", "rungs", "version")
    assert [again.json()[name] for name in frozen] == [first[name] for name in frozen]


def test_a_run_of_another_workspace_is_409(workspaces: Api) -> None:
    register(workspaces)
    register(workspaces, "other")
    workspaces.accepted(RUNS, {"run_id": "r1"})
    response = workspaces.post("/v1/workspaces/other/runs", {"run_id": "r1"})
    assert (response.status_code, response.json()["code"]) == (409, "run_already_decided")


def test_a_refused_run_lists_what_else_is_missing_and_may_be_tried_again(workspaces: Api, admin: Api) -> None:
    admin.put("/v1/deployment/proxy", {"wired": True})
    register(workspaces, runtime="claude-code", kind="platform")
    workspaces.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "r"})
    response = workspaces.post(RUNS, {"run_id": "r1"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "missing_byok_credential")
    assert (problem["also"], problem["resolved_mode"], problem["policy"]) == (["missing_model"], "byok", "P4")
    assert workspaces.get("/v1/workspaces/ws/billing-mode").status_code == 200
    workspaces.put("/v1/workspaces/ws/billing-mode", {"mode": "disabled", "reason": "r"})
    answer = workspaces.accepted(RUNS, {"run_id": "r1"})
    assert (answer["resolved_mode"], answer["provision_outcome"]) == ("disabled", "started_without_llm")


def test_an_unknown_workspace_is_404_and_a_bad_run_id_422(workspaces: Api) -> None:
    assert workspaces.post("/v1/workspaces/nobody/runs", {"run_id": "r1"}).json()["code"] == "workspace_not_found"
    register(workspaces)
    assert workspaces.post(RUNS, {"run_id": "a/b"}).status_code == 422
    assert workspaces.post(RUNS, {}).status_code == 422


def test_a_gateway_key_says_whose_run_it_is(
    admin: Api, workspaces: Api, key_of: Callable[..., Api], tenant: str
) -> None:
    register(workspaces)
    gateway = key_of("workspaces", of="platform", source=f"gw-{uuid4().hex}", tenants=[tenant])
    assert gateway.accepted(RUNS, {"run_id": "r1", "tenant": tenant})["run_id"] == "r1"
    stranger = gateway.post(RUNS, {"run_id": "r2", "tenant": "somebody-else"})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "key_scope")
