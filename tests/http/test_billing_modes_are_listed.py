"""What happened to billing modes, as lists: who changed what, what was decided, what somebody should look at."""

from __future__ import annotations

import pytest

from http_door.usage import item

LISTS = [
    "/v1/workspaces/ws/billing-mode/history",
    "/v1/runs",
    "/v1/billing-mode/fallbacks",
    "/v1/billing-mode/rejected-key-writes",
    "/v1/billing-mode/mismatches",
    "/v1/billing-mode/stale-overrides",
    "/v1/billing-mode/keys-beside-platform-models",
    "/v1/billing-mode/unsatisfiable",
]


FINGERPRINT = "hmac-sha256:" + "0f" * 32
REJECTED = "/v1/billing-mode/rejected-key-writes"


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


@pytest.fixture
def rejected(owner, changed, views):
    """A vendor's key was refused, while the workspace's own choice was byok; it chose otherwise afterwards."""
    key = {"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}
    answer = owner.post("/v1/workspaces/ws/credentials", key)
    assert answer.status_code == 409, answer.text
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "platform_managed", "reason": "it is over"})
    views()
    return answer.json()


def test_a_refused_key_is_listed_with_the_rule_that_refused_it(owner, rejected):
    (write,) = items(owner, REJECTED)
    assert (write["name"], write["scope"], write["at_creation"]) == ("KIMI_API_KEY", "workspace", False)
    assert (write["code"], write["rule"], write["policy"]) == (rejected["code"], rejected["rule"], "P4")
    assert (write["actor"]["id"], write["under_policy"]) == (owner.key_id, None)
    assert items(owner, REJECTED, to=write["recorded_at"]) == []


def test_a_policy_is_asked_whether_it_would_have_accepted_the_key_from_the_facts_of_then(owner, rejected):
    (under_p3,) = items(owner, REJECTED, policy="P3")
    assert under_p3["under_policy"] == {"policy": "P3", "is_accepted": True, "code": None, "rule": None}
    (under_p4,) = items(owner, REJECTED, policy="P4")
    again = {name: under_p4["under_policy"][name] for name in ("is_accepted", "code", "rule")}
    assert again == {"is_accepted": False, "code": rejected["code"], "rule": rejected["rule"]}
    assert owner.get(REJECTED, policy="P9").json()["code"] == "unknown_policy"


def test_a_key_for_a_workspace_that_did_not_begin_is_listed_too_and_only_to_whom_it_belongs(
    owner, key_of, changed, views
):
    credentials = [{"name": "KIMI_API_KEY", "fingerprint": FINGERPRINT}]
    refused = owner.post("/v1/workspaces", {"workspace_id": "unborn", "credentials": credentials})
    assert refused.status_code == 409, refused.text
    views()
    (write,) = items(owner, REJECTED, policy="P5")
    assert (write["workspace_id"], write["at_creation"], write["under_policy"]["is_accepted"]) == (
        "unborn",
        True,
        False,
    )
    assert items(key_of("read", workspace_id="ws"), REJECTED) == []


@pytest.mark.rule("billing-mode-15.2")
def test_an_override_that_changes_nothing_is_found(owner, key_of, workspace, views):
    """Without a model the rules say one of the two modes, by the deployment: one of these two chose just that."""
    owner.accepted("/v1/workspaces", {"workspace_id": "else", "account_id": "main"})
    owner.put("/v1/workspaces/else/billing-mode", {"mode": "byok", "reason": "an experiment"})
    views()
    (found,) = items(owner, "/v1/billing-mode/stale-overrides")
    assert found["workspace_id"] == ("ws" if found["mode"] == "platform_managed" else "else")
    assert (found["states"], found["workspace_override"]) == (["OVERRIDE_WITHOUT_EFFECT"], found["mode"])
    other = key_of("read", workspace_id="else" if found["workspace_id"] == "ws" else "ws")
    assert items(other, "/v1/billing-mode/stale-overrides") == []


MISMATCHES = "/v1/billing-mode/mismatches"


@pytest.fixture
def mismatched(owner, workspace, model, views):
    """Credits were charged for a call of the customer's key; then a call was refused, and another cost the platform."""
    cost = {"amount": "0.5", "currency": "USD"}
    owner.record(item(model, id="own-key", credential="byok"), item(model, id="as-decided", credential="platform"))
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "disabled", "reason": "a test"})
    owner.record(item(model, id="refused", reported_cost=cost))
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "a test"})
    owner.record(item(model, id="platform-key", credential="platform", reported_cost=cost))
    views()


def test_who_paid_other_than_was_decided_is_listed_with_what_is_at_stake(owner, mismatched):
    answer = owner.get(MISMATCHES).json()
    platform_key, refused, own_key = answer["items"]
    assert (own_key["kind"], own_key["mode"], own_key["account_id"]) == ("own_key_charged", "platform_managed", "main")
    assert own_key["exposure"] == own_key["charged"] == "0.006"
    assert (refused["kind"], refused["charged"], refused["exposure"]) == ("mode_disabled", None, "0.50")
    assert (platform_key["kind"], platform_key["charged"]) == ("platform_key_under_byok", "0.00")
    assert (platform_key["exposure"], platform_key["account_id"]) == ("0.50", None)
    assert answer["exposure"] == [{"currency": "USD", "amount": "1.006"}]
    assert [each["items"] for each in answer["totals"]] == [1, 1, 1]


def test_mismatches_are_cut_by_kind_time_and_page_and_the_first_page_has_the_totals(owner, mismatched):
    (found,) = items(owner, MISMATCHES, kind="mode_disabled")
    assert owner.get(MISMATCHES, kind="mode_disabled").json()["exposure"] == [{"currency": "USD", "amount": "0.50"}]
    assert [each["attempt_id"] for each in items(owner, MISMATCHES, to=found["recorded_at"])] == ["own-key"]
    first = owner.get(MISMATCHES, limit=2).json()
    second = owner.get(MISMATCHES, limit=2, after=first["next"]).json()
    assert [each["attempt_id"] for each in second["items"]] == ["own-key"]
    assert (second["totals"], second["exposure"], second["next"]) == (None, None, None)


def test_a_restricted_key_sees_the_mismatches_of_its_account_or_workspace(owner, key_of, mismatched):
    owner.accepted("/v1/workspaces", {"workspace_id": "else", "account_id": "main"})
    of_account = items(key_of("read", account_id="main"), MISMATCHES)
    assert [each["attempt_id"] for each in of_account] == ["own-key"]
    assert len(items(key_of("read", workspace_id="ws"), MISMATCHES)) == 3
    assert items(key_of("read", workspace_id="else"), MISMATCHES) == []


def test_a_run_that_is_no_longer_what_the_rules_answer_is_warned_of(owner, decided, views):
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "disabled", "reason": "a stop"})
    views()
    billing = owner.get("/v1/workspaces/ws/billing").json()
    assert (billing["mode"], billing["run"]["run_id"]) == ("disabled", "by-default")
    assert "RESTART_PENDING" in billing["warnings"]


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
