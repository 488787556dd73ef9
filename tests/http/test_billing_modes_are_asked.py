"""Who pays, and why: today, on another date, as it was known then, and by another policy or registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from usage_ledger.adapters.packaged_registry import packaged_content

MODE = "/v1/workspaces/ws/billing-mode"


@pytest.fixture
def byok(owner, workspace) -> dict:
    """The answer before a change to byok, which is the last one."""
    before = owner.get(MODE).json()
    assert owner.put(MODE, {"mode": "byok", "reason": "own contract"}).json()["resolved_mode"] == "byok"
    return before


def test_what_changed_the_answer_is_told_with_who_when_and_why(owner, byok):
    now = owner.get(MODE).json()
    changed = now["changed_by"]
    assert (changed["type"], changed["reason"]) == ("BillingOverrideSet", "own contract")
    assert (changed["from_mode"], changed["to_mode"]) == ("platform_managed", "byok")
    assert changed["actor"] == {"kind": "service_key", "id": owner.key_id}
    assert changed["at"] == changed["recorded_at"]


def test_a_date_is_answered_as_it_was_known_then_and_as_it_is_known_now(owner, byok):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    position = byok["as_of"]["position"]
    known_now = owner.get(MODE, as_of=tomorrow).json()
    assert known_now["resolved_mode"] == "byok"
    for then in (position, byok["known_at"]):
        known_then = owner.get(MODE, as_of=tomorrow, known_at=then).json()
        assert (known_then["resolved_mode"], known_then["version"]) == ("platform_managed", byok["version"])
        assert known_then["as_of"]["recorded_at"] == known_now["as_of"]["recorded_at"]


def test_what_is_known_later_changes_nothing_of_a_day_that_is_over(owner, byok):
    then = byok["as_of"]["recorded_at"]
    answered = owner.get(MODE, as_of=then).json()
    assert answered["resolved_mode"] == "platform_managed"
    same = {name: value for name, value in answered.items() if name not in ("as_of", "known_at")}
    assert same == {name: byok[name] for name in same}


@pytest.mark.parametrize(
    ("policy", "source"), [("P1", "workspace_override"), ("P4", "workspace_override"), ("P5", "derived_default")]
)
def test_another_policy_judges_the_same_facts(owner, byok, policy, source):
    answered = owner.get(MODE, policy=policy).json()
    assert (answered["policy"], answered["source"]) == (policy, source)
    assert answered["workspace_override"] == "byok"
    assert owner.get(MODE).json()["policy"] == "P4"


def test_a_policy_that_there_is_not_is_refused(owner, workspace):
    refused = owner.get(MODE, policy="P7")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_policy")


def test_a_registry_that_was_not_published_is_not_found(owner, workspace):
    missing = owner.get(MODE, registry="no-such-label")
    assert (missing.status_code, missing.json()["code"]) == (404, "registry_not_found")


@pytest.mark.parametrize("odd", [{"known_at": "yesterday"}, {"as_of": "0-"}, {"as_of": "9999-1"}])
def test_times_and_positions_that_are_none_are_refused(owner, workspace, odd):
    assert owner.get(MODE, **odd).status_code == 422


def test_before_anything_was_known_there_was_no_workspace(owner, workspace):
    assert owner.get(MODE, known_at="2020-01-01T00:00:00Z").status_code == 404


def test_why_says_everything_that_was_looked_at_and_what_a_run_would_start_as(owner, byok):
    why = owner.get(f"{MODE}/why").json()
    plain = owner.get(MODE).json()
    assert {name: why[name] for name in plain if name not in ("as_of", "known_at")} == {
        name: value for name, value in plain.items() if name not in ("as_of", "known_at")
    }
    seen = {given["name"]: (given["state"], given["value"]) for given in why["inputs"]}
    assert seen["override"] == ("recognised", "byok")
    assert (seen["model"], seen["runtime"]) == (("absent", None), ("absent", None))
    assert (why["provision_outcome"], why["failed_gates"], why["current_run"]) == ("decision_only", [], None)


def test_why_of_a_workspace_that_there_is_not_is_not_found(owner):
    missing = owner.get("/v1/workspaces/nobody/billing-mode/why")
    assert (missing.status_code, missing.json()["code"]) == (404, "workspace_not_found")


def test_a_registry_that_was_published_judges_when_it_is_named(admin, owner, workspace):
    label = f"questions-{owner.key_id}"
    content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=label))
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    admin.accepted("/v1/registries", {"version": label, "effective_from": tomorrow, "reason": "r", "content": content})
    answered = owner.get(MODE, registry=label).json()
    assert (answered["registry"], answered["faults"]) == (label, [])
    assert owner.get(MODE).json()["registry"] != label
    before = owner.get(MODE, as_of=tomorrow, known_at="2020-01-01T00:00:00Z")
    assert before.status_code == 404


def test_an_announced_policy_is_the_cause_when_its_day_is_asked_for(admin, tenant, owner, byok):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    announced = {"policy": "P5", "effective_from": tomorrow, "scope": {"workspace_id": "ws"}, "reason": "one way"}
    admin.accepted("/v1/policies", announced, tenant=tenant)
    then = owner.get(MODE, as_of=tomorrow).json()
    assert (then["policy"], then["changed_by"]["type"], then["changed_by"]["reason"]) == (
        "P5",
        "PolicyActivated",
        "one way",
    )
    assert then["changed_by"]["recorded_at"] < then["changed_by"]["at"] == then["as_of"]["recorded_at"]
    today = owner.get(MODE).json()
    assert (today["policy"], today["changed_by"]["type"]) == ("P4", "BillingOverrideSet")


@pytest.mark.parametrize("path", ["billing-mode", "billing-mode/why", "billing-mode/history"])
@pytest.mark.parametrize("restriction", [{"workspace_id": "other"}, {"account_id": "main"}])
def test_a_key_that_is_restricted_to_something_else_asks_nothing_of_a_workspace(
    owner, key_of, workspace, path, restriction
):
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "main"})
    refused = key_of("read", **restriction).get(f"/v1/workspaces/ws/{path}")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")
