"""What if a policy, a registry or a fact were another: whose mode flips, on real events; asking changes nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import httpx
import msgspec
import psycopg
import pytest

from http_door.documented import NDJSON
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.adapters.postgres import what_if_run
from usage_ledger.entrypoints.http.routes import what_if as route
from waiting import eventually

PATH = "/v1/what-if/billing-mode"
_labels = count()


@pytest.fixture
def registry(admin) -> str:
    """A published version in force, with the packaged content."""
    label = f"what-if-{next(_labels)}"
    content = msgspec.to_builtins(msgspec.structs.replace(packaged_content(), version=label))
    admin.accepted("/v1/registries", {"version": label, "reason": "r", "content": content})
    return label


@pytest.fixture
def wired(admin) -> None:
    assert admin.put("/v1/deployment/proxy", {"wired": True}).status_code == 200


def models(runtime: str = "codex") -> tuple[str, str]:
    """A model of the platform's and one of a vendor's."""
    content = packaged_content()
    arms = next(each.arms for each in content.runtimes if each.name == runtime)
    platform = next(arm for arm in arms if arm.provider == content.closed_provider)
    vendor = next(arm for arm in arms if arm.provider != content.closed_provider and arm.models)
    return platform.models[0], vendor.models[0]


def key_name(model: str, runtime: str = "codex") -> str:
    content = packaged_content()
    arms = next(each.arms for each in content.runtimes if each.name == runtime)
    provider = next(arm.provider for arm in arms if model in arm.models)
    return next(each.auth_names[0] for each in content.providers if each.name == provider)


def make_workspaces(owner, account: str, number: int) -> dict[str, list[str]]:
    """As many of each kind, by kind: a platform model, a vendor's with its key, and byok chosen on a platform model."""
    platform, vendor = models()
    key = {"name": key_name(vendor), "fingerprint": f"hmac-sha256:{'0' * 64}"}
    made: dict[str, list[str]] = {"platform": [], "vendor": [], "chosen": []}
    bodies = {
        "platform": {"runtime": "codex", "model": platform},
        "vendor": {"runtime": "codex", "model": vendor, "credentials": [key]},
        "chosen": {"runtime": "codex", "model": platform},
    }
    for each in range(number):
        for kind, body in bodies.items():
            name = f"{kind}-{each:03}"
            owner.accepted("/v1/workspaces", {"workspace_id": name, "account_id": account, **body})
            made[kind].append(name)
    for name in made["chosen"]:
        changed = owner.put(f"/v1/workspaces/{name}/billing-mode", {"mode": "byok", "reason": "test"})
        assert changed.json()["resolved_mode"] == "byok"
    return made


@pytest.fixture
def workspaces(owner, registry, wired, account) -> dict[str, list[str]]:
    return make_workspaces(owner, account, 10)


def flipped(answer) -> dict[str, str]:
    return {flip["workspace_id"]: flip["direction"] for flip in answer["flips"]}


@pytest.mark.rule("billing-mode-15.12")
def test_a_policy_without_the_override_moves_those_who_chose_and_says_which_way(owner, registry, wired, account):
    workspaces = make_workspaces(owner, account, 100)
    answer = owner.post(PATH, {"policy": "P5"}).json()
    assert flipped(answer) == dict.fromkeys(workspaces["chosen"], "byok_to_platform_managed")
    assert answer["directions"] == {"byok_to_platform_managed": 100}
    assert (answer["workspaces"], answer["platform_cost_starts"], answer["truncated"]) == (300, 100, False)
    assert (answer["failed_gates"], answer["failed_gates_today"]) == ({}, {"byok_on_platform_model": 100})
    assert answer["unreadable"] == 0


def test_what_if_things_were_as_they_are_flips_nothing_and_agrees_with_the_live_answer(owner, workspaces, registry):
    for same in ({}, {"policy": "P4"}, {"registry": registry}, {"facts": {"proxy_wired": True}}):
        answer = owner.post(PATH, same).json()
        assert (answer["flips"], answer["workspaces"]) == ([], 30)
        assert answer["failed_gates"] == answer["failed_gates_today"]


def test_asking_changes_nothing(owner, workspaces):
    before = owner.get("/v1/workspaces/chosen-002/billing-mode").json()
    owner.post(PATH, {"policy": "P5", "facts": {"proxy_wired": False}})
    after = owner.get("/v1/workspaces/chosen-002/billing-mode").json()
    assert {**after, "known_at": "", "as_of": ""} == {**before, "known_at": "", "as_of": ""}
    assert after["as_of"]["position"] == before["as_of"]["position"]


@pytest.mark.rule("billing-mode-15.13")
def test_a_registry_that_moves_a_model_moves_its_payers(owner, workspaces):
    """The platform's arm loses its model to a vendor that matches it by name."""
    platform, _ = models()
    content = msgspec.to_builtins(packaged_content())
    for runtime in content["runtimes"]:
        for arm in runtime["arms"]:
            arm["models"] = [model for model in arm["models"] if model != platform]
    answer = owner.post(PATH, {"registry": content}).json()
    assert set(flipped(answer)) <= set(workspaces["platform"])
    live = owner.post(PATH, {}).json()
    assert answer["failed_gates"] != live["failed_gates"] or answer["flips"]


def test_an_unwired_proxy_fails_the_gate_of_whoever_the_platform_pays_for(owner, workspaces):
    answer = owner.post(PATH, {"facts": {"proxy_wired": False}}).json()
    assert answer["flips"] == []
    assert answer["failed_gates"]["missing_platform_proxy"] == 10


def test_facts_of_single_workspaces_can_be_others(owner, workspaces):
    platform, vendor = models()
    facts = {
        "workspaces": [
            {"workspace_id": "platform-000", "override": "disabled"},
            {"workspace_id": "platform-003", "model": vendor},
            {"workspace_id": "vendor-001", "model": platform, "credentials": {"removed": [key_name(vendor).lower()]}},
            {"workspace_id": "vendor-004", "credentials": {"removed": [key_name(vendor)]}},
            {"workspace_id": "chosen-002", "override": None},
        ]
    }
    answer = owner.post(PATH, {"facts": facts}).json()
    assert flipped(answer) == {
        "platform-000": "platform_managed_to_disabled",
        "platform-003": "platform_managed_to_byok",
        "vendor-001": "byok_to_platform_managed",
        "chosen-002": "byok_to_platform_managed",
    }
    assert answer["failed_gates"] == {"byok_on_platform_model": 9, "missing_byok_credential": 2}


def test_an_organizations_default_counts_where_a_policy_reads_it(owner, workspaces, tenant):
    facts = {"organizations": [{"organization_id": tenant, "default_mode": " disabled "}]}
    assert owner.post(PATH, {"facts": facts}).json()["flips"] == []
    answer = owner.post(PATH, {"facts": facts, "policy": "P3"}).json()
    assert set(flipped(answer)) == {*workspaces["platform"], *workspaces["vendor"]}


def test_many_flips_are_cut_in_the_answer_and_whole_as_lines(owner, workspaces, monkeypatch):
    monkeypatch.setattr(route, "FLIPS_MAX", 7)
    short = owner.post(PATH, {"policy": "P5"}).json()
    assert (len(short["flips"]), short["flips_total"], short["truncated"]) == (7, 10, True)
    whole = owner.send("POST", PATH, json={"policy": "P5"}, headers={"Accept": NDJSON})
    assert whole.headers["content-type"] == NDJSON
    lines = [json.loads(line) for line in whole.text.splitlines()]
    assert {line["workspace_id"] for line in lines if line["kind"] == "flip"} == set(workspaces["chosen"])
    progress = [line for line in lines if line["kind"] == "progress"][-1]
    assert (progress["workspaces"], progress["expected"], progress["flips"]) == (30, 30, 10)
    totals = {name: value for name, value in short.items() if name not in ("flips", "truncated")}
    assert {**lines[-1], "as_of": 0} == {"kind": "answer", **totals, "as_of": 0}


def test_the_deployment_is_asked_by_an_admin_who_names_no_tenant(admin, owner, workspaces, tenant):
    of_all = admin.post(PATH, {"policy": "P5"})
    lines = admin.send("POST", PATH, json={"policy": "P5"}, headers={"Accept": NDJSON}).text.splitlines()
    flips = [json.loads(line) for line in lines if '"flip"' in line]
    assert {flip["workspace_id"] for flip in flips if flip["tenant"] == tenant} == set(workspaces["chosen"])
    assert of_all.json()["workspaces"] >= 30
    assert len(of_all.json()["as_of"]["positions"]) == 4
    of_one = admin.post(PATH, {"policy": "P5"}, tenant=tenant).json()
    assert (of_one["workspaces"], of_one["flips_total"]) == (30, 10)


def test_who_has_read_the_last_line_may_ask_the_next_question(owner, workspaces, monkeypatch):
    close = what_if_run.WhatIfRun.close

    def close_late(run: what_if_run.WhatIfRun) -> None:
        Event().wait(0.2)
        close(run)

    monkeypatch.setattr(what_if_run.WhatIfRun, "close", close_late)
    for _ in range(2):
        answered = owner.send("POST", PATH, json={}, headers={"Accept": NDJSON})
        assert (answered.status_code, json.loads(answered.text.splitlines()[-1])["kind"]) == (200, "answer")


def test_nobody_learns_of_another_tenants_workspaces(key_of, workspaces):
    stranger = key_of("read", of="a-stranger")
    assert stranger.post(PATH, {"policy": "P5"}).json()["workspaces"] == 0
    named = {"facts": {"workspaces": [{"workspace_id": "vendor-001"}]}}
    assert stranger.post(PATH, named).status_code == 404


def test_runs_and_refusals_beside_the_facts_make_no_difference(owner, workspaces):
    for number in range(3):
        owner.accepted("/v1/workspaces/vendor-001/runs", {"run_id": f"r{number}"})
        assert owner.post("/v1/workspaces/chosen-002/runs", {"run_id": "x"}).status_code == 409
    assert owner.post(PATH, {"policy": "P5"}).json()["flips_total"] == 10


def test_a_workspace_that_cannot_be_read_is_counted_and_passed_over(owner, workspaces, tenant, http_database):
    with psycopg.connect(http_database, autocommit=True) as connection:
        stream = f"{tenant}/workspace-chosen-002"
        body = connection.execute(
            "SELECT body FROM ledger.events WHERE stream_id = %s AND stream_version = 1", (stream,)
        ).fetchone()[0]
        change = "UPDATE ledger.events SET body = %s WHERE stream_id = %s AND stream_version = 1"
        connection.execute(change, (b"\xff", stream))
        try:
            answer = owner.post(PATH, {"policy": "P5"}).json()
        finally:
            connection.execute(change, (body, stream))
    assert (answer["unreadable"], answer["workspaces"], answer["flips_total"]) == (1, 29, 9)


def test_only_one_at_a_time_and_the_next_when_it_is_over(owner, workspaces, monkeypatch):
    begun, go_on = Event(), Event()

    def rest(_: float) -> None:
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(what_if_run, "sleep", rest)
    with ThreadPoolExecutor() as others:
        first = others.submit(owner.post, PATH, {"policy": "P5"})
        assert begun.wait(30)
        second = owner.post(PATH, {})
        go_on.set()
    assert (second.status_code, second.json()["code"]) == (503, "overloaded")
    assert int(second.headers["Retry-After"]) > 0
    assert first.result().json()["flips_total"] == len(workspaces["chosen"])
    assert owner.post(PATH, {}).status_code == 200


def test_the_turn_of_an_asker_who_left_is_free_again(owner, workspaces, door, monkeypatch):
    begun, go_on = Event(), Event()

    def rest(_: float) -> None:
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(what_if_run, "sleep", rest)
    headers = {"Authorization": f"Bearer {owner.key}", "Accept": NDJSON}
    with httpx.stream("POST", f"{door.url}{PATH}", json={}, headers=headers):
        assert begun.wait(30)
    go_on.set()
    eventually(lambda: owner.post(PATH, {}).status_code == 200)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"policy": "P7"}, 422, "unknown_policy"),
        ({"registry": "no-such-label"}, 404, "registry_not_found"),
        ({"registry": {"format": "provider-registry/1"}}, 422, "invalid_registry"),
        ({"registry": 7}, 422, "invalid_registry"),
        ({"facts": {"workspaces": [{"workspace_id": "nobody", "model": "m"}]}}, 404, "workspace_not_found"),
        ({"facts": {"workspaces": [{"workspace_id": "w", "override": "BYOK"}]}}, 422, "invalid_billing_mode"),
        ({"facts": {"organizations": [{"organization_id": "o", "default_mode": ""}]}}, 422, "invalid_billing_mode"),
        ({"facts": {"proxy": True}}, 422, "unknown_field"),
        ({"facts": {"proxy_wired": "yes"}}, 422, "wrong_type"),
    ],
)
def test_what_cannot_be_asked_is_refused(owner, body, status, code):
    refused = owner.post(PATH, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


def test_a_registry_with_defects_is_refused_with_all_of_them(owner):
    content = msgspec.to_builtins(packaged_content())
    content["closed_provider"] = "nobody"
    content["providers"] = [*content["providers"], content["providers"][0]]
    refused = owner.post(PATH, {"registry": content}).json()
    assert refused["code"] == "invalid_registry"
    assert {"missing_closed_provider", "duplicate_provider"} <= refused.keys()


def test_facts_of_the_deployments_tenants_need_a_tenant(admin):
    refused = admin.post(PATH, {"facts": {"workspaces": [{"workspace_id": "ws"}]}})
    assert (refused.status_code, refused.json()["code"]) == (422, "missing_field")


def test_a_key_of_one_workspace_asks_about_no_other(key_of, workspace):
    refused = key_of("read", workspace_id="ws").post(PATH, {})
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")


@pytest.fixture
def unreadable_organization(owner, workspaces, tenant, http_database):
    """The event in which the organization's default was set cannot be decoded while the test runs."""
    default = {"mode": "byok", "reason": "r"}
    assert owner.put(f"/v1/organizations/{tenant}/billing-mode-default", default).status_code == 200
    with psycopg.connect(http_database, autocommit=True) as connection:
        stream = f"{tenant}/organization-{tenant}"
        body = connection.execute("SELECT body FROM ledger.events WHERE stream_id = %s", (stream,)).fetchone()[0]
        change = "UPDATE ledger.events SET body = %s WHERE stream_id = %s"
        connection.execute(change, (b"\xff", stream))
        yield
        connection.execute(change, (body, stream))


def test_an_organization_that_cannot_be_read_is_a_fault_and_never_an_absent_default(owner, unreadable_organization):
    path = "/v1/workspaces/vendor-001/billing-mode"
    assert owner.get(path).json()["faults"] == ["CREDENTIALS_UNREADABLE"]
    under_p3 = owner.get(path, policy="P3").json()
    assert under_p3["faults"] == ["ORG_DEFAULT_UNREADABLE", "CREDENTIALS_UNREADABLE"]
    assert (under_p3["resolved_mode"], under_p3["source"]) == ("platform_managed", "constant_fallback")
    why = owner.get(f"{path}/why").json()
    assert why["failed_gates"][0] == "credentials_unreadable"
    answer = owner.post(PATH, {"policy": "P3"}).json()
    assert answer["failed_gates"]["credentials_unreadable"] == 30
    assert answer["directions"] == {"byok_to_platform_managed": 10}
