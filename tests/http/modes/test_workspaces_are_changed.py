"""What decides who pays is changed over HTTP, and each answer says who pays before and after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.workspaces.stored import FINGERPRINT, OTHER_FINGERPRINT, PLATFORM_MODEL, VENDOR

WORKSPACES = "/v1/workspaces"
MODE = f"{WORKSPACES}/ws/billing-mode"
CREDENTIALS = f"{WORKSPACES}/ws/credentials"
KIMI = {"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}
ON_VENDOR_MODEL = {"workspace_id": "ws", "runtime": "claude-code", "model": VENDOR, "credentials": [KIMI]}


@pytest.fixture
def begun(owner) -> dict:
    return owner.accepted(WORKSPACES, ON_VENDOR_MODEL)


def test_a_workspace_begins_with_model_and_credential_in_one_command(begun) -> None:
    assert (begun["resolved_mode"], begun["source"], begun["provider_selection"]) == (
        "byok",
        "derived_provider",
        "kimi-coding",
    )
    assert (begun["version"], begun["states"], begun["faults"]) == (3, [], [])


def test_runtime_and_model_change_together_and_move_the_payer(owner, begun) -> None:
    moved = owner.put(f"{WORKSPACES}/ws/model", {"model": PLATFORM_MODEL}).json()
    assert (moved["previous_mode"], moved["resolved_mode"]) == ("byok", "platform_managed")
    assert moved["states"] == ["VENDOR_KEY_ON_PLATFORM_MODEL"]
    both = owner.put(f"{WORKSPACES}/ws/model", {"model": "gpt-5.5", "runtime": "codex"}).json()
    assert (both["previous_mode"], both["resolved_mode"]) == ("platform_managed", "byok")
    assert (both["runtime"], both["model"], both["version"]) == ("codex", "gpt-5.5", moved["version"] + 2)
    none = owner.put(f"{WORKSPACES}/ws/model", {"model": None, "runtime": None}).json()
    assert (none["runtime"], none["model"]) == (None, None)


def test_a_runtime_moves_the_payer(owner) -> None:
    owner.accepted(WORKSPACES, {"workspace_id": "ws", "runtime": "claude-code", "model": PLATFORM_MODEL})
    moved = owner.put(f"{WORKSPACES}/ws/runtime", {"runtime": "hermes"}).json()
    assert (moved["previous_mode"], moved["resolved_mode"]) == ("platform_managed", "byok")
    assert moved["provider_selection"] == "byok-anthropic"
    assert owner.put(f"{WORKSPACES}/ws/runtime", {"runtime": None}).json()["runtime"] is None


def test_a_credential_is_added_once_rotated_and_removed(owner, begun) -> None:
    again = owner.post(CREDENTIALS, KIMI)
    assert (again.status_code, again.json()["version"]) == (201, 3)
    assert owner.accepted(CREDENTIALS, {**KIMI, "fingerprint": OTHER_FINGERPRINT})["version"] == 4
    removed = owner.send("DELETE", f"{CREDENTIALS}/kimi_api_key", headers={"Idempotency-Key": "remove-1"}).json()
    assert (removed["version"], removed["states"]) == (5, ["BYOK_WITHOUT_ACCEPTED_CREDENTIAL"])
    gone = owner.send("DELETE", f"{CREDENTIALS}/KIMI_API_KEY", headers={"Idempotency-Key": "remove-2"}).json()
    assert gone["version"] == 5


def test_what_the_organization_stores_serves_all_of_its_workspaces(owner, begun) -> None:
    other = {"workspace_id": "other", "runtime": "google-adk", "model": "gemini-2.5-pro"}
    assert owner.post(WORKSPACES, other).json()["code"] == "missing_byok_credential"
    name = {"name": "GEMINI_API_KEY", "fingerprint": FINGERPRINT, "scope": "tenant"}
    assert owner.accepted(CREDENTIALS, name)["version"] == 3
    assert owner.post(WORKSPACES, other).status_code == 201
    path = f"{CREDENTIALS}/GEMINI_API_KEY?scope=tenant"
    assert owner.send("DELETE", path, headers={"Idempotency-Key": "remove"}).status_code == 200
    third = {**other, "workspace_id": "third"}
    assert owner.post(WORKSPACES, third).json()["code"] == "missing_byok_credential"


def test_a_key_for_one_workspace_does_not_speak_for_its_organization(key_of, begun) -> None:
    restricted = key_of("workspaces", workspace_id="ws")
    assert restricted.post(CREDENTIALS, {**KIMI, "name": "DATABASE_URL"}).status_code == 201
    name = {**KIMI, "scope": "tenant"}
    assert restricted.post(CREDENTIALS, name).json()["code"] == "key_scope"
    path = f"{CREDENTIALS}/KIMI_API_KEY?scope=tenant"
    headers = {"Idempotency-Key": "remove"}
    assert restricted.send("DELETE", path, headers=headers).json()["code"] == "key_scope"
    default = {"mode": "byok", "reason": "r"}
    answer = restricted.put("/v1/organizations/org-1/billing-mode-default", default)
    assert answer.json()["code"] == "key_scope"


def test_an_org_default_says_whether_it_has_an_effect(owner, admin, tenant) -> None:
    path = "/v1/organizations/org-1/billing-mode-default"
    answer = owner.put(path, {"mode": "byok", "reason": "own contracts"}).json()
    assert (answer["mode"], answer["has_effect"], answer["policy"]) == ("byok", False, "P4")
    policy = {"policy": "P3", "scope": {"organization_id": "org-1"}, "reason": "as it was"}
    admin.accepted("/v1/policies", policy, tenant=tenant)
    cleared = owner.put(path, {"mode": None, "reason": "over", "expected_version": answer["version"]}).json()
    assert (cleared["mode"], cleared["previous_mode"], cleared["has_effect"]) == (None, "byok", True)


def test_old_state_is_imported_with_texts_that_no_rule_knows(owner) -> None:
    body = {"workspace_id": "ws", "runtime": "wheelbarrow", "model": "made-up", "origin": "import"}
    owner.accepted(WORKSPACES, body)
    override = {"mode": "free", "reason": "old state", "origin": "import"}
    answer = owner.put(MODE, override).json()
    assert (answer["workspace_override"], answer["source"]) == ("free", "derived_default")
    assert answer["faults"] == ["OVERRIDE_UNRECOGNISED"]
    default = owner.put("/v1/organizations/org-1/billing-mode-default", {**override, "mode": "Free"}).json()
    assert default["mode"] == "Free"


def test_of_many_who_expect_the_same_version_exactly_one_wins(owner, begun) -> None:
    modes = ["byok", "disabled", "platform_managed"] * 4

    def change(mode: str):
        return owner.put(MODE, {"mode": mode, "reason": "race", "expected_version": begun["version"]})

    with ThreadPoolExecutor(len(modes)) as pool:
        answers = list(pool.map(change, modes))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, len(modes) - 1)
    assert {(each["code"], each["current_version"]) for each in lost} == {("version_conflict", won[0]["version"])}
    assert owner.get(MODE).json()["workspace_override"] == won[0]["workspace_override"]
