"""Every code that commands about workspaces refuse with, over HTTP: its status, and that nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.workspaces.stored import FINGERPRINT, PLATFORM_MODEL, RESERVED, VENDOR, unreadable

WORKSPACES = "/v1/workspaces"
MODEL = f"{WORKSPACES}/ws/model"
RUNTIME = f"{WORKSPACES}/ws/runtime"
MODE = f"{WORKSPACES}/ws/billing-mode"
CREDENTIALS = f"{WORKSPACES}/ws/credentials"
DEFAULT = "/v1/organizations/org-1/billing-mode-default"


def key(name: str, fingerprint: str = FINGERPRINT, **others: Any) -> dict[str, Any]:
    return {"name": name, "fingerprint": fingerprint, **others}


def begin(model: str | None = VENDOR, *names: str, runtime: str = "claude-code", **others: Any) -> dict[str, Any]:
    body = {"workspace_id": "new", "runtime": runtime, "credentials": [key(name) for name in names], **others}
    return body if model is None else {**body, "model": model}


@pytest.fixture
def on_platform_model(owner) -> None:
    owner.accepted(WORKSPACES, {**begin(PLATFORM_MODEL), "workspace_id": "ws"})


@pytest.fixture
def on_vendor_model(owner) -> None:
    owner.accepted(WORKSPACES, {**begin(VENDOR, "KIMI_API_KEY"), "workspace_id": "ws"})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (begin(VENDOR, runtime="wheelbarrow"), 422, "runtime_unsupported"),
        (begin(None), 422, "model_required"),
        (begin("totally-made-up"), 422, "unregistered_model_for_runtime"),
        (begin("x-1", runtime="tied"), 422, "ambiguous_model"),
        (begin(VENDOR, RESERVED), 409, "reserved_credential_name"),
        (begin(PLATFORM_MODEL, "KIMI_API_KEY"), 409, "platform_model_blocks_vendor_key"),
        (begin(None, "KIMI_API_KEY", runtime="mock"), 409, "vendor_key_refused"),
        (begin(VENDOR), 409, "missing_byok_credential"),
        (begin(VENDOR, workspace_id="ws"), 409, "workspace_exists"),
        (begin(VENDOR, account_id="nobody"), 404, "account_not_found"),
        (begin(VENDOR, credentials=[{"name": "KIMI_API_KEY"}]), 422, "missing_fingerprint"),
        (begin(VENDOR, credentials=[key("KIMI_API_KEY", "sk-1")]), 422, "credential_value_not_accepted"),
        (begin(VENDOR, credentials=[key("KIMI_API_KEY", value="sk-1")]), 422, "credential_value_not_accepted"),
        (begin(VENDOR, "KIMI_API_KEY", "kimi_api_key"), 422, "invalid_value"),
        (begin(VENDOR, origin="elsewhere"), 422, "invalid_value"),
        (begin(VENDOR, credentials=[key(f"NAME_{n}") for n in range(101)]), 422, "invalid_value"),
    ],
)
@pytest.mark.usefixtures("on_platform_model")
def test_a_workspace_does_not_begin(refused, body: dict[str, Any], status: int, code: str) -> None:
    refused("POST", WORKSPACES, body, status, code)


def test_a_workspace_does_not_begin_where_its_organization_pays_for_what_only_the_platform_serves(
    owner, admin, tenant, refused
) -> None:
    owner.put(DEFAULT, {"mode": "byok", "reason": "own keys"})
    policy = {"policy": "P3", "scope": {"organization_id": "org-1"}, "reason": "as it was"}
    admin.accepted("/v1/policies", policy, tenant=tenant)
    body = begin(PLATFORM_MODEL, organization_id="org-1")
    refused("POST", WORKSPACES, body, 409, "byok_on_platform_model")
    assert owner.put(DEFAULT, {"mode": None, "reason": "over"}).json()["has_effect"] is True
    assert owner.post(WORKSPACES, body).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", MODEL, {"model": "totally-made-up"}, 422, "unregistered_model_for_runtime"),
        ("PUT", MODEL, {"model": "x-1", "runtime": "tied"}, 422, "ambiguous_model"),
        ("PUT", MODEL, {"model": VENDOR, "runtime": "wheelbarrow"}, 422, "runtime_unsupported"),
        ("PUT", MODEL, {"model": VENDOR, "origin": "seed"}, 409, "model_already_selected"),
        ("PUT", MODEL, {"model": VENDOR, "expected_version": 7}, 409, "version_conflict"),
        ("PUT", RUNTIME, {"runtime": "wheelbarrow"}, 422, "runtime_unsupported"),
        ("PUT", RUNTIME, {"runtime": "google-adk"}, 422, "unregistered_model_for_runtime"),
        ("PUT", RUNTIME, {"runtime": "hermes", "expected_version": 7}, 409, "version_conflict"),
        ("PUT", RUNTIME, {}, 422, "missing_field"),
        ("PUT", MODE, {"mode": "BYOK", "reason": "r"}, 422, "invalid_billing_mode"),
        ("PUT", MODE, {"mode": "", "reason": "r"}, 422, "invalid_billing_mode"),
        ("PUT", MODE, {"reason": "r"}, 422, "invalid_billing_mode"),
        ("PUT", MODE, {"mode": "byok"}, 422, "missing_reason"),
        ("PUT", MODE, {"mode": "byok", "reason": "r", "expected_version": 7}, 409, "version_conflict"),
        ("POST", CREDENTIALS, key("KIMI_API_KEY"), 409, "platform_model_blocks_vendor_key"),
        ("POST", CREDENTIALS, key(RESERVED), 409, "reserved_credential_name"),
        ("POST", CREDENTIALS, key(RESERVED, scope="tenant"), 409, "reserved_credential_name"),
        ("POST", CREDENTIALS, {"name": "DATABASE_URL"}, 422, "missing_fingerprint"),
        ("POST", CREDENTIALS, key("DATABASE_URL", "sk-1"), 422, "credential_value_not_accepted"),
        ("POST", CREDENTIALS, key("DATABASE_URL", value="sk-1"), 422, "credential_value_not_accepted"),
        ("POST", CREDENTIALS, {"value": "sk-1"}, 422, "credential_value_not_accepted"),
        ("POST", CREDENTIALS, key("DATABASE_URL", expected_version=7), 409, "version_conflict"),
        ("POST", CREDENTIALS, key("DATABASE_URL", scope="world"), 422, "invalid_value"),
        ("DELETE", f"{CREDENTIALS}/DATABASE_URL?expected_version=7", {}, 409, "version_conflict"),
        ("DELETE", f"{CREDENTIALS}/DATABASE_URL?scope=world", {}, 422, "invalid_value"),
        ("DELETE", f"{CREDENTIALS}/sk-1", {}, 422, "credential_value_not_accepted"),
        ("PUT", DEFAULT, {"mode": "free", "reason": "r"}, 422, "invalid_billing_mode"),
        ("PUT", DEFAULT, {"reason": "r"}, 422, "invalid_billing_mode"),
        ("PUT", DEFAULT, {"mode": "byok"}, 422, "missing_reason"),
        ("PUT", DEFAULT, {"mode": None, "reason": " "}, 422, "missing_reason"),
        ("PUT", DEFAULT, {"mode": "byok", "reason": "r", "expected_version": 7}, 409, "version_conflict"),
    ],
)
@pytest.mark.usefixtures("on_platform_model")
def test_a_workspace_stays_as_it_is(refused, method: str, path: str, body: Any, status: int, code: str) -> None:
    refused(method, path, body, status, code)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "model", {"model": VENDOR}),
        ("PUT", "runtime", {"runtime": "hermes"}),
        ("PUT", "billing-mode", {"mode": "byok", "reason": "r"}),
        ("POST", "credentials", key("DATABASE_URL")),
        ("DELETE", "credentials/DATABASE_URL", {}),
    ],
)
def test_an_unknown_workspace_is_not_found(refused, method: str, path: str, body: Any) -> None:
    refused(method, f"{WORKSPACES}/nowhere/{path}", body, 404, "workspace_not_found")


@pytest.mark.usefixtures("on_vendor_model")
def test_a_refusal_of_the_guard_names_its_rule(owner, refused) -> None:
    owner.put(MODE, {"mode": "platform_managed", "reason": "r"})
    problem = refused("POST", CREDENTIALS, key("ANTHROPIC_API_KEY"), 409, "vendor_key_refused")
    assert (problem["rule"], problem["policy"]) == ("override_platform_managed", "P4")


@pytest.mark.usefixtures("on_platform_model")
def test_a_key_beside_a_platform_model_has_a_code_of_its_own_and_a_rule(refused) -> None:
    problem = refused("POST", CREDENTIALS, key("KIMI_API_KEY"), 409, "platform_model_blocks_vendor_key")
    assert problem["rule"] == "platform_model"


def test_a_seed_on_nobodys_account_is_refused(owner, admin, refused) -> None:
    owner.accepted(WORKSPACES, {"workspace_id": "ws", "runtime": "claude-code", "kind": "platform"})
    assert admin.put("/v1/deployment/proxy", {"wired": False}).status_code == 200
    refused("PUT", MODEL, {"model": PLATFORM_MODEL, "origin": "seed"}, 409, "missing_platform_proxy")


@pytest.mark.parametrize(
    ("source", "method", "path", "body", "code"),
    [
        ("model", "PUT", MODEL, {"model": VENDOR, "origin": "seed"}, "model_unreadable"),
        ("override", "POST", CREDENTIALS, key("ANTHROPIC_API_KEY"), "vendor_key_refused"),
    ],
)
@pytest.mark.usefixtures("on_vendor_model")
def test_what_cannot_be_read_is_not_taken_for_absent(
    door, refused, monkeypatch: pytest.MonkeyPatch, source: str, method: str, path: str, body: Any, code: str
) -> None:
    monkeypatch.setattr(door.appender, "_fact_readers", unreadable(source))
    refused(method, path, body, 409, code)


@pytest.mark.usefixtures("on_vendor_model")
def test_names_are_bounded(owner, refused) -> None:
    for number in range(99):
        assert owner.post(CREDENTIALS, key(f"NAME_{number}")).status_code == 201
    refused("POST", CREDENTIALS, key("ONE_MORE"), 409, "too_many_credential_names")
