"""Every gate over HTTP: its code, what else is missing, and that nothing was decided; and what a run may not hold."""

from __future__ import annotations

from typing import Any

import pytest

from domain.workspaces.stored import FINGERPRINT, PLATFORM_MODEL, VENDOR, unreadable
from http_door.usage import item

RUNS = "/v1/workspaces/ws/runs"
RUN = {"run_id": "r1"}


def begin(owner, model: str | None, **others: Any) -> None:
    keys = [{"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}] if model == VENDOR else []
    named = {} if model is None else {"model": model}
    body = {"workspace_id": "ws", "account_id": "main", "runtime": "claude-code", "credentials": keys, **named}
    owner.accepted("/v1/workspaces", {**body, **others})


def choose(owner, mode: str | None) -> None:
    assert owner.put("/v1/workspaces/ws/billing-mode", {"mode": mode, "reason": "test"}).status_code == 200


def test_byok_on_a_platform_model(owner, account, refused) -> None:
    begin(owner, PLATFORM_MODEL)
    choose(owner, "byok")
    problem = refused("POST", RUNS, RUN, 409, "byok_on_platform_model")
    assert (problem["also"], problem["resolved_mode"], problem["policy"]) == ([], "byok", "P4")
    assert problem["registry"]


def test_without_a_key_and_without_a_model(owner, account, refused) -> None:
    begin(owner, None, kind="platform")
    choose(owner, "byok")
    problem = refused("POST", RUNS, RUN, 409, "missing_byok_credential")
    assert problem["also"] == ["missing_model"]


def test_without_a_proxy_and_without_a_model(owner, admin, account, refused) -> None:
    begin(owner, None, kind="platform")
    choose(owner, "platform_managed")
    refused("POST", RUNS, RUN, 409, "missing_model")
    admin.put("/v1/deployment/proxy", {"wired": False})
    problem = refused("POST", RUNS, RUN, 409, "missing_platform_proxy")
    assert problem["also"] == ["missing_model"]


@pytest.mark.parametrize(
    ("source", "code", "also"),
    [("model", "model_unreadable", []), ("workspace_credentials", "credentials_unreadable", [])],
)
def test_what_cannot_be_read(
    owner, account, door, refused, monkeypatch: pytest.MonkeyPatch, source: str, code: str, also: list[str]
) -> None:
    begin(owner, PLATFORM_MODEL)
    choose(owner, "platform_managed")
    monkeypatch.setattr(door.appender, "_fact_readers", unreadable(source))
    assert refused("POST", RUNS, RUN, 409, code)["also"] == also
    monkeypatch.undo()
    assert owner.accepted(RUNS, RUN)["provision_outcome"] == "started_on_proxy"


def test_another_workspaces_run_and_no_workspace(owner, account, refused) -> None:
    begin(owner, PLATFORM_MODEL)
    begin(owner, PLATFORM_MODEL, workspace_id="other")
    owner.accepted(RUNS, RUN)
    refused("POST", "/v1/workspaces/other/runs", RUN, 409, "run_already_decided")
    refused("POST", "/v1/workspaces/nobody/runs", RUN, 404, "workspace_not_found")


def test_a_run_that_was_not_decided_holds_nothing_and_its_usage_waits(owner, account, refused, model) -> None:
    begin(owner, PLATFORM_MODEL)
    hold = {"hold_id": "h1", "workspace_id": "ws", "amount": "0.10", "run_id": "r1"}
    refused("POST", f"/v1/accounts/{account}/holds", hold, 409, "run_not_decided")
    (waiting,) = owner.record(item(model, run_id="r1"))
    assert (waiting["status"], waiting["code"]) == ("quarantined", "run_not_decided")


def test_a_run_on_the_customers_own_key_withholds_what_is_not_for_it(owner, account) -> None:
    begin(owner, VENDOR)
    shared = {"name": "OPENAI_API_KEY", "fingerprint": FINGERPRINT, "scope": "tenant"}
    owner.accepted("/v1/workspaces/ws/credentials", shared)
    answer = owner.accepted(RUNS, RUN)
    assert (answer["provision_outcome"], answer["withheld"]) == ("started_direct", ["OPENAI_API_KEY"])
