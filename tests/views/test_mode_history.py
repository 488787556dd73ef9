"""Every change of what modes are derived from, and of the answer itself: who, when, why, before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from usage_ledger.workspaces.events import CredentialNameRemoved, ModelCleared, OrgDefaultCleared
from usage_ledger_views.mode_history.queries import (
    ModeChanged,
    list_organization_mode_changes,
    list_workspace_mode_changes,
)
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import Period
from views.recorded import NOW, TENANT, Shard
from views.workspaces import (
    BYOK,
    PLATFORM,
    cleared,
    decided,
    default_set,
    happens,
    moved,
    overridden,
    registered,
    rejected,
    runs_on,
    selected,
    stored,
)

SECOND = 1_000_000
ORGANIZATION = f"organization-{TENANT}"

Look = Callable[..., Page[ModeChanged] | None]


@pytest.fixture
def of_workspace(shard, writer, ask) -> Look:
    def look(workspace_id: str = "ws", **asked: Any) -> Page[ModeChanged] | None:
        writer.write(shard.on_topic())
        return ask(lambda connection: list_workspace_mode_changes(connection, 0, TENANT, workspace_id, **asked))

    return look


@pytest.fixture
def of_organization(shard, writer, ask) -> Look:
    def look(organization_id: str = TENANT, **asked: Any) -> Page[ModeChanged] | None:
        writer.write(shard.on_topic())
        return ask(lambda connection: list_organization_mode_changes(connection, 0, TENANT, organization_id, **asked))

    return look


def told(page: Page[ModeChanged] | None) -> list[tuple[str, str | None, str | None]]:
    """What changed, from what to what; the oldest first."""
    assert page is not None
    return [(each.what, each.value_before, each.value_after) for each in reversed(page.items)]


def test_every_kind_of_change_is_told_with_what_was_before_and_after(shard, of_workspace):
    happens(shard, registered(runtime="claude-code"))
    happens(shard, selected("kimi-for-coding", previous=None))
    happens(shard, ModelCleared("ws", "kimi-for-coding", BYOK, PLATFORM))
    happens(shard, runs_on("hermes", previous="claude-code"))
    happens(shard, overridden("UNKNOWN", previous=None, unknown_text="Own-Key"))
    happens(shard, cleared(previous="UNKNOWN"))
    happens(shard, stored("KIMI_API_KEY"))
    happens(shard, CredentialNameRemoved("ws", TENANT, "workspace", "KIMI_API_KEY", BYOK, BYOK))
    happens(shard, moved(BYOK, PLATFORM))
    assert told(of_workspace()) == [
        ("registration", None, "claude-code"),
        ("model", None, "kimi-for-coding"),
        ("model", "kimi-for-coding", None),
        ("runtime", "claude-code", "hermes"),
        ("override", None, "Own-Key"),
        ("override", "UNKNOWN", None),
        ("credential", None, "KIMI_API_KEY"),
        ("credential", "KIMI_API_KEY", None),
        ("answer", None, None),
    ]


def test_what_changes_no_input_of_the_mode_is_no_change(shard, of_workspace):
    happens(shard, registered())
    happens(shard, decided())
    happens(shard, rejected())
    shard.pin_payer()
    assert [what for what, _, _ in told(of_workspace())] == ["registration"]


@pytest.mark.rule("billing-mode-15.15")
def test_a_change_says_who_when_why_and_what_the_rules_answered_before_and_after(shard, of_workspace):
    happens(shard, registered())
    event = happens(shard, overridden("byok", reason="an experiment", effective_from=NOW, states=("RESTART_PENDING",)))
    change = of_workspace().items[0]
    assert (change.reason, change.effective_at, change.recorded_at) == ("an experiment", NOW, event.recorded_at)
    assert (change.actor_kind, change.actor_id, change.command_id) == ("operator", "tester", "command-2")
    assert (change.on_behalf_of_kind, change.command_source, change.correlation_id) == (None, "test", "test")
    assert change.answer_before == msgspec.to_builtins(PLATFORM)
    assert (change.answer_after["mode"], change.answer_after["source"]) == ("byok", "workspace_override")
    assert (change.states, change.event_id) == (["RESTART_PENDING"], "00000000-0000-0000-0000-000000000002")


def test_texts_may_hold_what_postgres_has_no_text_for(shard, of_workspace, rows):
    happens(shard, registered())
    happens(shard, overridden("UNKNOWN", reason="a\0b", unknown_text="Own\0Key"))
    change = of_workspace().items[0]
    assert (change.reason, change.value_after) == ("a\\x00b", "Own\\x00Key")
    assert rows("SELECT override FROM views.workspace_billing") == [("Own\\x00Key",)]
    assert rows("SELECT count(*) FROM views.blocked_streams") == [(0,)]


def test_an_answer_that_moved_by_itself_names_its_cause(shard, of_workspace):
    happens(shard, registered())
    happens(shard, moved(PLATFORM, BYOK, cause="the-event", faults=("REGISTRY_UNAVAILABLE",)))
    change = of_workspace().items[0]
    assert (change.cause, change.faults) == ("the-event", ["REGISTRY_UNAVAILABLE"])
    assert change.answer_after == msgspec.to_builtins(BYOK)


def test_an_organizations_history_has_its_defaults_and_what_moved_its_workspaces(shard, of_organization):
    happens(shard, registered())
    happens(shard, registered("elsewhere", organization_id="subsidiary"))
    happens(shard, default_set("byok", TENANT, previous=None), ORGANIZATION)
    happens(shard, OrgDefaultCleared(TENANT, "byok", "it was wrong", has_effect=False), ORGANIZATION)
    happens(shard, selected("kimi-for-coding", "elsewhere"))
    happens(shard, selected("kimi-k2", "ws"))
    happens(shard, stored("KIMI_API_KEY", scope="tenant"), ORGANIZATION)
    page = of_organization()
    assert told(page) == [
        ("registration", None, "claude-code"),
        ("org_default", None, "byok"),
        ("org_default", "byok", None),
        ("model", None, "kimi-k2"),
        ("credential", None, "KIMI_API_KEY"),
    ]
    assert [each.reason for each in reversed(page.items)] == [None, "a contract", "it was wrong", None, None]
    assert {each.scope for each in page.items} == {None, "tenant"}


def test_a_workspace_is_its_organizations_also_when_it_was_registered_in_another_batch(shard, writer, of_organization):
    happens(shard, registered("elsewhere", organization_id="subsidiary"))
    writer.write(shard.on_topic())
    happens(shard, selected("kimi-for-coding", "elsewhere"))
    assert [what for what, _, _ in told(of_organization("subsidiary"))] == ["registration", "model"]


def test_a_period_is_of_the_time_of_recording_and_pages_miss_none(shard, of_workspace):
    happens(shard, registered())
    for model in ("a", "b", "c", "d"):
        happens(shard, selected(model))
    period = Period(NOW + 2 * SECOND, NOW + 5 * SECOND)
    first = of_workspace(period=period, limit=2)
    second = of_workspace(period=period, limit=2, after=first.next)
    assert [each.value_after for each in (*first.items, *second.items)] == ["c", "b", "a"]
    assert second.next is None


def test_what_nobody_knows_has_no_history_and_the_tenants_own_organization_always_has_one(
    shard, of_workspace, of_organization
):
    happens(shard, registered())
    assert of_workspace("nobody") is None
    assert of_organization("nobody") is None
    assert of_organization(TENANT).items != ()


def test_another_tenants_changes_are_not_there(writer, ask):
    other = Shard(tenant="other")
    happens(other, registered())
    writer.write(other.on_topic())
    assert ask(lambda connection: list_workspace_mode_changes(connection, 0, TENANT, "ws")) is None
    assert ask(lambda connection: list_organization_mode_changes(connection, 0, TENANT, TENANT)).items == ()


def test_a_history_is_incomplete_while_a_stream_of_workspaces_is_blocked(shard, writer, of_workspace):
    happens(shard, registered())
    assert not of_workspace().incomplete
    happens(shard, selected("a"))
    happens(shard, selected("b"))
    writer.write([shard.on_topic()[2]])
    assert of_workspace().incomplete
