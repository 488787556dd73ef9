"""A policy for later moves workspaces that nobody asks for: the view and the answer say the same before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from psycopg.conninfo import make_conninfo

from http_door.client import Api
from http_door.running import running_door
from http_door.set_up import bootstrap, settings_for
from reacting.booked import events_of
from usage_ledger.adapters.packaged_registry import packaged_content
from usage_ledger.workspaces.events import BillingModeResolved
from waiting import eventually

TENANT = "acme"
OVERRIDES = {"own-key": "byok", "stopped": "disabled", "ours": "platform_managed", "plain": None}
COMMON = ("policy", "source", "registry", "faults")


@pytest.fixture
def admin(ledger_database: str) -> Iterator[Api]:
    settings = settings_for(ledger_database)
    with running_door(settings) as door, Api(door.url, bootstrap(settings)) as api:
        yield api


@pytest.fixture
def processes(topic: str, start: Callable[..., Any], ledger_database: str) -> None:
    """Everything beside `serve`."""
    start("relay")
    start("projector")
    for job in ("reactor", "scheduler"):
        dsn = make_conninfo(ledger_database, user=f"ledger_{job}")
        start(job, **{f"postgres_{job}_dsn": dsn, f"{job}_metrics_port": "0"})


@pytest.fixture
def workspaces(admin: Api) -> list[str]:
    """On a wired proxy, under the packaged registry, each with its own choice."""
    content = packaged_content()
    body = {"version": content.version, "content": msgspec.to_builtins(content), "reason": "first"}
    admin.accepted("/v1/registries", body)
    admin.put("/v1/deployment/proxy", {"wired": True})
    for workspace, mode in OVERRIDES.items():
        admin.accepted("/v1/workspaces", {"workspace_id": workspace}, tenant=TENANT)
        if mode is not None:
            path = f"/v1/workspaces/{workspace}/billing-mode"
            assert admin.put(path, {"mode": mode, "reason": "test"}, tenant=TENANT).status_code == 200
    return list(OVERRIDES)


def ask(admin: Api, path: str, **query: str) -> dict[str, Any]:
    response = admin.send("GET", path, params=query, headers={"X-Tenant": TENANT})
    return response.json() if response.status_code == 200 else {}


def answered(admin: Api, workspace: str, **query: str) -> tuple[Any, ...]:
    """The resolver's answer."""
    answer = ask(admin, f"/v1/workspaces/{workspace}/billing-mode", **query)
    return answer["resolved_mode"], *(answer[name] for name in COMMON), answer["states"]


def shown(admin: Api, owner: Any, workspace: str) -> tuple[Any, ...]:
    """The view's, over HTTP and in plain SQL."""
    over_http = ask(admin, f"/v1/workspaces/{workspace}/billing")
    query = "SELECT states FROM views.workspace_billing WHERE tenant = %s AND workspace_id = %s"
    row = owner.execute(query, (TENANT, workspace)).fetchone()
    return (*(over_http[name] for name in ("mode", *COMMON)), row[0]) if over_http else ()


def all_agree(admin: Api, owner: Any, workspaces: list[str], policy: str) -> bool:
    answers = {workspace: answered(admin, workspace) for workspace in workspaces}
    is_judged_by_it = all(policy in answer for answer in answers.values())
    return is_judged_by_it and all(shown(admin, owner, each) == answers[each] for each in workspaces)


@pytest.mark.rule("billing-mode-15.12")
def test_view_and_answer_agree_before_and_after_a_policy_drops_the_override(admin, processes, workspaces, owner):
    eventually(lambda: all_agree(admin, owner, workspaces, "P4"))
    assert [answered(admin, each)[0] for each in workspaces] == ["byok", "disabled", *["platform_managed"] * 2]
    at = datetime.now(UTC) + timedelta(seconds=2)
    activated = admin.accepted(
        "/v1/policies", {"policy": "P5", "effective_from": at.isoformat(), "reason": "no overrides"}
    )
    assert (activated["standing"], activated["in_force"]) == ("announced", "P4")
    eventually(lambda: all_agree(admin, owner, workspaces, "P5"))
    assert [answered(admin, each)[0] for each in workspaces] == ["platform_managed"] * 4
    before, since = at - timedelta(microseconds=1), at
    assert [answered(admin, each, as_of=before.isoformat())[:2] for each in workspaces] == [
        ("byok", "P4"),
        ("disabled", "P4"),
        ("platform_managed", "P4"),
        ("platform_managed", "P4"),
    ]
    assert {answered(admin, each, as_of=since.isoformat())[:2] for each in workspaces} == {("platform_managed", "P5")}
    told = {each: _told(owner, each)[-1] for each in workspaces}
    assert {event.before.mode for event in told.values() if event.before} == {"byok", "disabled", "platform_managed"}
    assert len({event.cause for event in told.values()}) == 1
    (item,) = admin.get("/v1/policies").json()["items"]
    assert (item["policy"], item["standing"]) == ("P5", "in_force")


def _told(owner: Any, workspace: str) -> list[BillingModeResolved]:
    events = events_of(owner, f"{TENANT}/workspace-{workspace}")
    return [event for event in events if isinstance(event, BillingModeResolved)]
