"""Workspaces that somebody should look at are found by their named states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from usage_ledger.workspaces.states import StateName
from usage_ledger_views.reading.page import Page
from usage_ledger_views.workspace_billing import states
from usage_ledger_views.workspace_billing.states import Concern, WorkspaceInState, list_workspaces_of_concern
from views.recorded import TENANT, Shard
from views.workspaces import decided, happens, overridden, registered, selected

STALE: Concern = "stale_overrides"

Look = Callable[..., Page[WorkspaceInState]]


@pytest.fixture
def listed(shard, writer, ask) -> Look:
    def look(concern: Concern = STALE, **asked: Any) -> Page[WorkspaceInState]:
        writer.write(shard.on_topic())
        return ask(lambda connection: list_workspaces_of_concern(connection, 0, TENANT, concern, **asked))

    return look


def ids(page: Page[WorkspaceInState]) -> list[str]:
    return [each.workspace_id for each in page.items]


@pytest.mark.parametrize(
    ("concern", "named"),
    [
        ("stale_overrides", {"OVERRIDE_WITHOUT_EFFECT", "OVERRIDE_AGAINST_MODEL"}),
        ("keys_beside_platform_models", {"VENDOR_KEY_ON_PLATFORM_MODEL"}),
        (
            "unsatisfiable",
            {"BYOK_ON_PLATFORM_MODEL", "BYOK_WITHOUT_ACCEPTED_CREDENTIAL", "PLATFORM_MODE_WITHOUT_PROXY"},
        ),
    ],
)
def test_each_question_is_about_its_states_and_no_others(shard, listed, concern, named):
    for state in get_args(StateName):
        happens(shard, registered(state.lower(), states=(state,)))
    happens(shard, registered("fine"))
    assert set(ids(listed(concern))) == {state.lower() for state in named}


def test_an_item_tells_the_answer_every_state_and_the_current_run(shard, listed):
    happens(shard, registered(organization_id="subsidiary", runtime="hermes"))
    happens(shard, selected("kimi-for-coding"))
    happens(shard, decided("r1", "platform_managed", provider="platform"))
    named = ("OVERRIDE_WITHOUT_EFFECT", "RESTART_PENDING")
    happens(shard, overridden("byok", states=named, faults=("MODEL_UNREADABLE",)))
    (found,) = listed().items
    assert (found.organization_id, found.model, found.runtime) == ("subsidiary", "kimi-for-coding", "hermes")
    assert (found.mode, found.source, found.override) == ("byok", "workspace_override", "byok")
    assert (found.states, found.faults) == ([*named], ["MODEL_UNREADABLE"])
    assert (found.run_id, found.run_mode, found.answered_position) == ("r1", "platform_managed", 4)


def test_a_workspace_leaves_the_list_with_its_state(shard, writer, listed):
    happens(shard, registered(states=("OVERRIDE_WITHOUT_EFFECT",)))
    assert ids(listed()) == ["ws"]
    happens(shard, selected("kimi-for-coding"))
    writer.write(shard.on_topic()[1:])
    assert ids(listed()) == []


def test_a_workspace_narrows_it_and_pages_miss_none(shard, listed):
    for name in ("c", "a", "d", "b"):
        happens(shard, registered(name, states=("OVERRIDE_AGAINST_MODEL",)))
    first = listed(limit=2)
    second = listed(limit=2, after=first.next)
    assert (ids(first), ids(second), second.next) == (["a", "b"], ["c", "d"], None)
    assert ids(listed(workspace_id="c")) == ["c"]


@pytest.mark.parametrize(
    ("concern", "index"),
    [
        ("stale_overrides", "workspace_billing_stale_overrides"),
        ("keys_beside_platform_models", "workspace_billing_unused_keys"),
        ("unsatisfiable", "workspace_billing_unsatisfiable"),
    ],
)
def test_few_among_many_are_found_by_an_index_of_their_own(rows, concern, index):
    asked = {"tenant": "'acme'", "after": "''", "workspace_id": "NULL", "rows": "51"}
    plan = "\n".join(row[0] for row in rows(f"EXPLAIN {states.QUESTIONS[concern] % asked}"))
    assert index in plan


def test_another_tenants_are_not_listed(writer, ask):
    other = Shard(tenant="other")
    happens(other, registered(states=("OVERRIDE_WITHOUT_EFFECT",)))
    writer.write(other.on_topic())
    assert ask(lambda connection: list_workspaces_of_concern(connection, 0, TENANT, STALE)).items == ()
