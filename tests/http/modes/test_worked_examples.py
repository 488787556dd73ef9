"""The four worked examples of billing mode, in its own words, through the real door (billing-mode 15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from domain.workspaces.stored import FINGERPRINT, PLATFORM_MODEL, VENDOR
from http_door.client import Api
from http_door.usage import item
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.registry.content import RegistryContent

WS = "/v1/workspaces/ws"


def begin(
    owner: Api, model: str, *names: str, workspace_id: str = "ws", runtime: str = "claude-code"
) -> dict[str, Any]:
    keys = [{"name": name, "fingerprint": FINGERPRINT} for name in names]
    body = {"workspace_id": workspace_id, "account_id": "main", "runtime": runtime, "model": model, "credentials": keys}
    return owner.accepted("/v1/workspaces", body)


def derived(owner: Api, workspace_id: str = "ws", **query: str) -> tuple[str | None, str]:
    answer = owner.get(f"/v1/workspaces/{workspace_id}/billing-mode", **query).json()
    return answer["provider_selection"], answer["derived_by"]


def test_an_override_set_to_disabled_while_a_run_is_open(
    owner: Api, account: str, model: str, views: Callable[[], None]
) -> None:
    begin(owner, PLATFORM_MODEL)
    assert owner.accepted(f"{WS}/runs", {"run_id": "r1"})["resolved_mode"] == "platform_managed"
    change = owner.put(f"{WS}/billing-mode", {"mode": "disabled", "reason": "over budget"})
    assert change.json()["states"] == ["RESTART_PENDING"]

    hold = {"hold_id": "next", "workspace_id": "ws", "amount": "0.10", "run_id": "r1"}
    refused = owner.post(f"/v1/accounts/{account}/holds", hold)
    assert (refused.status_code, refused.json()["code"]) == (403, "mode_disabled")

    (late,) = owner.record(item(model, id="late", run_id="r1"))
    assert (late["status"], late["account_id"], late["mode"]) == ("accepted", account, "platform_managed")
    assert late["charged"] == "0.006"

    views()
    assert owner.get(f"{WS}/billing").json()["warnings"] == ["RESTART_PENDING"]
    second = owner.accepted(f"{WS}/runs", {"run_id": "r2"})
    assert (second["provision_outcome"], second["resolved_mode"]) == ("started_without_llm", "disabled")
    (of_second,) = owner.record(item(model, id="second", run_id="r2"))
    assert (of_second["status"], of_second["code"]) == ("rejected", "mode_disabled")


def test_a_model_that_moves_without_a_restart(owner: Api, account: str, model: str) -> None:
    begin(owner, VENDOR, "KIMI_API_KEY")
    assert owner.accepted(f"{WS}/runs", {"run_id": "r1"})["resolved_mode"] == "byok"
    before = datetime.now(UTC)
    moved = owner.put(f"{WS}/model", {"model": PLATFORM_MODEL}).json()
    assert (moved["previous_mode"], moved["resolved_mode"]) == ("byok", "platform_managed")
    after = datetime.now(UTC)
    sent = {
        "of r1": item(model, id="a1", run_id="r1", occurred_at=after.isoformat()),
        "without": item(model, id="a2", occurred_at=after.isoformat()),
        "before, without": item(model, id="a3", occurred_at=before.isoformat()),
    }
    modes = dict(zip(sent, [answer["mode"] for answer in owner.record(*sent.values())], strict=True))
    assert modes == {"of r1": "byok", "without": "platform_managed", "before, without": "byok"}


def test_two_arms_that_match_the_same_id(owner: Api, account: str) -> None:
    begin(owner, PLATFORM_MODEL, workspace_id="other")
    tied = {"workspace_id": "ws", "runtime": "tied", "model": "x-1", "account_id": account}
    refused = owner.post("/v1/workspaces", tied)
    assert (refused.status_code, refused.json()["code"]) == (422, "ambiguous_model")

    share(owner, "ONE_KEY")
    owner.accepted("/v1/workspaces", tied)
    assert derived(owner) == ("one", "prefix_by_credential")

    share(owner, "TWO_KEY")
    assert derived(owner) == (None, "ambiguous")


def share(owner: Api, name: str) -> None:
    """Stored for the whole organization, where no guard asks about a model."""
    body = {"name": name, "fingerprint": FINGERPRINT, "scope": "tenant"}
    owner.accepted("/v1/workspaces/other/credentials", body)


def test_ids_are_exact_and_the_match_is_not(owner: Api, admin: Api, account: str) -> None:
    """Announced for tomorrow, so that no other test is judged by it."""
    content = _listing_minimax(packaged_content())
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    published = {"version": content.version, "content": msgspec.to_builtins(content), "effective_from": tomorrow}
    admin.accepted("/v1/registries", {**published, "reason": "minimax through the proxy"})
    for workspace_id, name in (("listed", "minimax/MiniMax-M2.7"), ("matched", "minimax/minimax-m2.7")):
        begin(owner, name, "MINIMAX_API_KEY", workspace_id=workspace_id, runtime="hermes")
        assert derived(owner, workspace_id) == ("byok-minimax", "prefix")
    assert derived(owner, "listed", registry=content.version) == ("platform", "exact")
    assert derived(owner, "matched", registry=content.version) == ("byok-minimax", "prefix")


def _listing_minimax(content: RegistryContent) -> RegistryContent:
    """What the registry of 2026-06-29 changed on hermes."""

    def listed(runtime):
        if runtime.name != "hermes":
            return runtime
        arms = [
            msgspec.structs.replace(arm, models=(*arm.models, "minimax/MiniMax-M2.7"))
            if arm.provider == content.closed_provider
            else arm
            for arm in runtime.arms
        ]
        return msgspec.structs.replace(runtime, arms=tuple(arms))

    runtimes = tuple(map(listed, content.runtimes))
    return msgspec.structs.replace(content, version="2026-06-29", runtimes=runtimes)
