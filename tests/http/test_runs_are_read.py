"""A run is read as it was decided, beside what the rules answer today."""

from __future__ import annotations

import pytest


@pytest.fixture
def decided(owner, workspace) -> dict:
    return owner.accepted("/v1/workspaces/ws/runs", {"run_id": "r1"})


@pytest.fixture
def changed(owner, decided) -> None:
    owner.put("/v1/workspaces/ws/billing-mode", {"mode": "byok", "reason": "own contract"})


FROZEN = ("resolved_mode", "source", "provider_selection", "provision_outcome", "inputs", "rungs", "withheld", "policy")


def test_a_run_is_read_as_it_was_answered_when_it_was_decided(owner, decided):
    read = owner.get("/v1/runs/r1").json()
    assert {name: read[name] for name in FROZEN} == {name: decided[name] for name in FROZEN}
    assert (read["workspace_id"], read["actor"]["id"]) == ("ws", owner.key_id)
    assert (read["is_current"], read["restart_pending"]) == (True, False)


@pytest.mark.rule("billing-mode-14.8")
def test_a_change_leaves_the_run_as_it_was_and_a_restart_pending(owner, decided, changed):
    read = owner.get("/v1/runs/r1").json()
    assert (read["resolved_mode"], read["today"]["resolved_mode"]) == ("platform_managed", "byok")
    assert (read["is_current"], read["restart_pending"]) == (True, True)


def test_of_a_run_that_another_one_followed_no_restart_is_pending(owner, decided, changed):
    owner.accepted("/v1/workspaces/ws/runs", {"run_id": "r2"})
    first, second = (owner.get(f"/v1/runs/{run}").json() for run in ("r1", "r2"))
    assert (first["resolved_mode"], first["is_current"], first["restart_pending"]) == ("platform_managed", False, False)
    assert (second["resolved_mode"], second["is_current"], second["restart_pending"]) == ("byok", True, False)


def test_a_run_that_was_never_decided_is_not_found(owner, workspace):
    missing = owner.get("/v1/runs/r0")
    assert (missing.status_code, missing.json()["code"]) == (404, "run_not_found")


def test_a_key_of_another_workspace_does_not_read_it(owner, key_of, decided):
    owner.accepted("/v1/workspaces", {"workspace_id": "other", "account_id": "main"})
    refused = key_of("read", workspace_id="other").get("/v1/runs/r1")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_scope")


def test_why_names_the_current_run_and_that_it_would_restart_as_something_else(owner, decided, changed):
    why = owner.get("/v1/workspaces/ws/billing-mode/why").json()
    assert (why["current_run"], "RESTART_PENDING" in why["states"]) == ("r1", True)
