"""Conflicts and refusals are logs: every one that was noted is listed, newest first, and stays (U2, U3)."""

from __future__ import annotations

import pytest

from usage_ledger_views.conflicts.queries import list_conflicts
from usage_ledger_views.refusals.queries import list_refusals
from views.open_items import conflict, note, refuse
from views.recorded import NOW, TENANT, Shard

SECOND = 1_000_000


@pytest.fixture
def conflicts(shard, writer, ask):
    def look(**asked):
        writer.write(shard.on_topic())
        return ask(lambda connection: list_conflicts(connection, 0, TENANT, **asked))

    return look


@pytest.fixture
def refusals(shard, writer, ask):
    def look(**asked):
        writer.write(shard.on_topic())
        return ask(lambda connection: list_refusals(connection, 0, TENANT, **asked))

    return look


@pytest.mark.rule("U3")
def test_a_conflict_is_listed_with_both_digests_and_what_came_later(shard, conflicts):
    note(shard, conflict("a"), conflict("b", amount_at_risk=7, currency="EUR", raw=b'{"id"'))
    newest, oldest = conflicts().items
    assert (newest.attempt_id, newest.amount_at_risk, newest.currency, newest.raw) == ("b", 7, "EUR", b'{"id"')
    assert (oldest.attempt_id, oldest.source, oldest.workspace_id, oldest.kind) == ("a", "gateway", "ws", "conflict")
    assert (oldest.first_content, oldest.second_content) == (bytes(16), bytes([1]) * 16)
    assert (oldest.noted_at, oldest.position, oldest.place) == (NOW + SECOND, 1, 0)


def test_the_same_conflict_again_is_listed_again(shard, conflicts):
    note(shard, conflict("a"))
    note(shard, conflict("a"))
    assert [each.position for each in conflicts().items] == [2, 1]


def test_a_workspace_narrows_conflicts_and_pages_miss_none(shard, conflicts):
    note(shard, conflict("a"), conflict("b"), conflict("c", workspace_id="else"))
    first = conflicts(workspace_id="ws", limit=1)
    second = conflicts(workspace_id="ws", limit=1, after=first.next)
    assert [each.attempt_id for each in (*first.items, *second.items)] == ["b", "a"]
    assert second.next is None


@pytest.mark.rule("U2")
def test_a_refusal_is_listed_with_its_command_its_code_and_what_the_rule_saw(shard, refusals):
    refuse(shard, "account_exists", account="main", version="3")
    (refused,) = refusals().items
    assert (refused.command_type, refused.code, refused.detail) == ("OpenAccount", "account_exists", "it is so")
    assert refused.facts == {"account": "main", "version": "3"}
    assert (refused.source, refused.command_id) == ("test", "command-1")
    assert (refused.actor_kind, refused.actor_id) == ("operator", "tester")
    assert (refused.refused_at, refused.position) == (NOW + SECOND, 1)


def test_facts_may_hold_any_text(shard, refusals):
    refuse(shard, "payment_conflict", key="a\0b\ud7ff")
    assert refusals().items[0].facts == {"key": "a\0b\ud7ff"}


def test_a_code_narrows_refusals_and_pages_miss_none(shard, refusals):
    for code in ("account_exists", "payment_conflict", "account_exists"):
        refuse(shard, code)
    first = refusals(code="account_exists", limit=1)
    second = refusals(code="account_exists", limit=1, after=first.next)
    assert [each.position for each in (*first.items, *second.items)] == [3, 1]
    assert second.next is None


def test_another_tenants_are_in_neither_list(writer, ask):
    other = Shard(tenant="other")
    note(other, conflict("a"))
    refuse(other, "account_exists")
    writer.write(other.on_topic())
    assert ask(lambda connection: list_conflicts(connection, 0, TENANT)).items == ()
    assert ask(lambda connection: list_refusals(connection, 0, TENANT)).items == ()
