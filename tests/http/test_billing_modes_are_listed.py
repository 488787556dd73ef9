"""What happened to billing modes, as lists: who changed what, what was decided, what somebody should look at."""

from __future__ import annotations

import pytest

LISTS = ["/v1/workspaces/ws/billing-mode/history", "/v1/runs", "/v1/billing-mode/fallbacks"]


def items(api, path, **query):
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
def changed(owner, workspace, views):
    """The position of the last change of the workspace's mode."""
    position = owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "an experiment"}).json()[
        "position"
    ]
    views()
    return position


def test_a_change_of_mode_is_told_with_actor_reason_before_and_after(owner, changed):
    change = items(owner, "/v1/workspaces/ws/billing-mode/history", wait_for=changed)[0]
    assert (change["change"], change["before"], change["after"]) == ("override", "platform_managed", "byok")
    assert (change["resolution_before"]["mode"], change["resolution_after"]["mode"]) == ("platform_managed", "byok")
    assert (change["reason"], change["position"]) == ("an experiment", changed)
    assert (change["actor"], change["command_source"]) == ({"kind": "service_key", "id": owner.key_id}, "gateway")


def test_the_history_of_the_tenants_own_organization_has_that_of_its_workspaces(owner, tenant, changed):
    of_organization = items(owner, f"/v1/organizations/{tenant}/billing-mode/history")
    assert of_organization == items(owner, "/v1/workspaces/ws/billing-mode/history")
    assert {change["organization_id"] for change in of_organization} == {tenant}


def test_a_history_is_cut_by_time_of_recording(owner, changed):
    path = "/v1/workspaces/ws/billing-mode/history"
    last, *others = items(owner, path)
    assert items(owner, path, from_=last["recorded_at"]) == [last]
    assert items(owner, path, to=last["recorded_at"]) == others
    assert owner.get(path, to="soon").json()["code"] == "invalid_value"


def test_a_key_of_one_workspace_reads_its_history_alone(owner, key_of, tenant, changed):
    owner.accepted("/v1/workspaces", {"workspace_id": "else", "account_id": "main"})
    own, other = key_of("read", workspace_id="ws"), key_of("read", workspace_id="else")
    assert items(own, "/v1/workspaces/ws/billing-mode/history")
    of_account = key_of("read", account_id="main")
    for api, path in (
        (other, "/v1/workspaces/ws/billing-mode/history"),
        (of_account, "/v1/workspaces/ws/billing-mode/history"),
        (own, f"/v1/organizations/{tenant}/billing-mode/history"),
    ):
        assert api.get(path).json()["code"] == "key_scope"


@pytest.fixture
def decided(owner, workspace, views):
    """A run that was chosen to be what it is, and one that nothing but the last rung decided."""
    owner.accepted("/v1/workspaces/ws/runs", {"run_id": "chosen"})
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": None, "reason": "follow the rules"})
    owner.accepted("/v1/workspaces/ws/runs", {"run_id": "by-default"})
    views()


def test_runs_are_listed_by_the_names_that_their_decision_was_answered_with(owner, decided):
    answered = owner.accepted("/v1/workspaces/ws/runs", {"run_id": "chosen"})
    by_default, chosen = items(owner, "/v1/runs")
    assert (by_default["run_id"], by_default["source"]) == ("by-default", "derived_default")
    same = (set(answered) & set(chosen)) - {"position"}
    assert {"resolved_mode", "rungs", "inputs", "provision_outcome", "withheld", "registry"} <= same
    assert {name: chosen[name] for name in same} == {name: answered[name] for name in same}


def test_a_fallback_is_told_apart_from_a_choice(owner, decided):
    (found,) = items(owner, "/v1/billing-mode/fallbacks")
    assert (found["run_id"], found["resolved_mode"]) == ("by-default", found["rungs"][-1]["value"])
    assert items(owner, "/v1/billing-mode/fallbacks", to=found["recorded_at"]) == []


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/billing-mode/fallbacks"])
def test_a_restricted_key_lists_its_own_workspaces_runs_alone(owner, key_of, decided, views, path):
    owner.accepted("/v1/workspaces", {"workspace_id": "else", "account_id": "main"})
    owner.accepted("/v1/workspaces/else/runs", {"run_id": "of-another"})
    views()
    assert items(key_of("read", workspace_id="ws"), path) == items(owner, path, workspace_id="ws")
    assert [run["run_id"] for run in items(key_of("read", workspace_id="else"), path)] == ["of-another"]
    assert key_of("read", workspace_id="else").get(path, workspace_id="ws").json()["code"] == "key_scope"
    assert key_of("read", account_id="main").get(path).json()["code"] == "key_scope"


def test_a_workspace_shows_its_organization_version_and_what_somebody_should_look_at(owner, tenant, changed):
    billing = owner.get("/v1/workspaces/ws/billing").json()
    assert (billing["mode"], billing["workspace_override"], billing["organization_id"]) == ("byok", "byok", tenant)
    assert (billing["version"], billing["run"], billing["policy"]) == (3, None, "P4")
    last = items(owner, "/v1/workspaces/ws/billing-mode/history")[0]
    assert billing["warnings"][: len(last["states"])] == last["states"]


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_list_and_a_position_of_another_shard_are_refused(owner, changed, path):
    assert owner.get(path, after="bm9uZQ").json()["code"] == "invalid_value"
    shard = owner.get(path).json()["as_of"]["position"].partition("-")[0]
    assert owner.get(path, wait_for=f"{(int(shard) + 1) % 4}-1").json()["code"] == "wrong_shard"
