"""What writes left behind is found: workspaces that somebody should look at, until it is mended, and who did it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from http_door.client import IDEMPOTENCY_KEY

FINGERPRINT = "hmac-sha256:" + "0f" * 32
KEY = "/v1/workspaces/own/credentials/KIMI_API_KEY"


def items(api, path, **query):
    return api.get(path, **query).json()["items"]


@pytest.fixture
def own_key(owner, account):
    """A workspace on a vendor's model, with the customer's own key for it."""
    body = {"workspace_id": "own", "runtime": "claude-code", "model": "kimi-for-coding", "account_id": account}
    owner.accepted("/v1/workspaces", {**body, "credentials": [{"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}]})
    return "own"


def test_a_mode_that_no_run_can_satisfy_is_found_and_gone_when_it_is_mended(owner, own_key, views):
    owner.send("DELETE", KEY, headers={IDEMPOTENCY_KEY: uuid4().hex})
    views()
    (found,) = items(owner, "/v1/billing-mode/unsatisfiable")
    assert (found["workspace_id"], found["mode"]) == ("own", "byok")
    assert (found["model"], found["states"]) == ("kimi-for-coding", ["BYOK_WITHOUT_ACCEPTED_CREDENTIAL"])
    owner.accepted("/v1/workspaces/own/credentials", {"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT})
    views()
    assert items(owner, "/v1/billing-mode/unsatisfiable") == []
    history = items(owner, "/v1/workspaces/own/billing-mode/history", limit=2)
    assert [(each["before"], each["after"]) for each in history] == [(None, "KIMI_API_KEY"), ("KIMI_API_KEY", None)]


def test_a_key_that_a_change_of_model_left_beside_a_platform_model_is_found(owner, own_key, views):
    owner.put("/v1/workspaces/own/model", {"model": "moonshot/kimi-k2.6"})
    views()
    (found,) = items(owner, "/v1/billing-mode/keys-beside-platform-models")
    assert (found["workspace_id"], found["provider"]) == ("own", "platform")
    assert "VENDOR_KEY_ON_PLATFORM_MODEL" in found["states"]


def test_an_organizations_default_and_its_credentials_are_in_its_history_with_who_and_why(
    owner, own_key, tenant, views
):
    default = f"/v1/organizations/{tenant}/billing-mode-default"
    assert owner.put(default, {"mode": "byok", "reason": "a contract"}).status_code == 200
    shared = {"name": "GROQ_API_KEY", "fingerprint": FINGERPRINT, "scope": "tenant"}
    owner.accepted("/v1/workspaces/own/credentials", shared)
    views()
    credential, change, *_ = items(owner, f"/v1/organizations/{tenant}/billing-mode/history")
    assert (credential["change"], credential["scope"], credential["after"]) == ("credential", "tenant", "GROQ_API_KEY")
    assert (change["change"], change["before"], change["after"]) == ("org_default", None, "byok")
    assert (change["reason"], change["actor"]["id"], change["workspace_id"]) == ("a contract", owner.key_id, None)
