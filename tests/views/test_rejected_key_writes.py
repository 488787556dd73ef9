"""Credential names that were refused are listed, whichever stream their refusal stands in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import Period
from usage_ledger_views.rejected_key_writes.queries import RejectedKeyWrite, list_rejected_key_writes
from views.recorded import NOW, TENANT, Shard
from views.workspaces import happens, rejected

SECOND = 1_000_000

Look = Callable[..., Page[RejectedKeyWrite]]


@pytest.fixture
def writes(shard, writer, ask) -> Look:
    def look(**asked: Any) -> Page[RejectedKeyWrite]:
        writer.write(shard.on_topic())
        return ask(lambda connection: list_rejected_key_writes(connection, 0, TENANT, **asked))

    return look


def test_a_refused_name_is_listed_with_the_rule_and_what_judged_it(shard, writes):
    event = happens(shard, rejected("KIMI_API_KEY"))
    (found,) = writes().items
    assert (found.name, found.scope, found.code, found.rule) == (
        "KIMI_API_KEY",
        "workspace",
        "platform_model_blocks_vendor_key",
        "platform_model",
    )
    assert (found.workspace_id, found.organization_id, found.at_creation) == ("ws", TENANT, False)
    assert (found.model, found.runtime) == ("moonshot/kimi-k2.6", "claude-code")
    assert (found.policy, found.registry_version) == ("P4", "2026-06-12")
    assert (found.actor_kind, found.actor_id, found.command_id) == ("operator", "tester", "command-1")
    assert (found.recorded_at, found.position) == (event.recorded_at, 1)


def test_those_of_the_organization_and_of_workspaces_that_did_not_begin_are_there_too(shard, writes):
    happens(shard, rejected("PLATFORM_TOKEN", scope="tenant", rule=None), stream=f"organization-{TENANT}")
    happens(shard, rejected("KIMI_API_KEY", "unborn"), stream="refusals")
    unborn, of_organization = writes().items
    assert (unborn.workspace_id, unborn.at_creation) == ("unborn", True)
    assert (of_organization.scope, of_organization.rule, of_organization.at_creation) == ("tenant", None, False)


def test_a_workspace_and_a_period_narrow_it_and_pages_miss_none(shard, writes):
    for number in range(1, 7):
        happens(shard, rejected(f"KEY_{number}", "else" if number == 3 else "ws"))
    asked = {"workspace_id": "ws", "period": Period(NOW + 2 * SECOND, NOW + 6 * SECOND), "limit": 2}
    first = writes(**asked)
    second = writes(**asked, after=first.next)
    assert [each.name for each in (*first.items, *second.items)] == ["KEY_5", "KEY_4", "KEY_2"]
    assert second.next is None


def test_another_tenants_are_not_listed(writer, ask):
    other = Shard(tenant="other")
    happens(other, rejected())
    writer.write(other.on_topic())
    assert ask(lambda connection: list_rejected_key_writes(connection, 0, TENANT)).items == ()


def test_the_list_is_incomplete_while_a_stream_that_it_comes_from_is_blocked(shard, writer, writes):
    happens(shard, rejected())
    assert not writes().incomplete
    happens(shard, rejected(), stream="refusals")
    happens(shard, rejected(), stream="refusals")
    writer.write([shard.on_topic()[2]])
    assert writes().incomplete
