"""What runs were decided to be is listed for good, and what was refused beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from usage_ledger.workspaces.billing_mode import Rung
from usage_ledger.workspaces.events import SeenInput
from usage_ledger_views.decisions.queries import ProvisionMade, list_decisions
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import Period
from views.recorded import NOW, TENANT, Shard
from views.workspaces import decided, happens, refused, registered

SECOND = 1_000_000

Look = Callable[..., Page[ProvisionMade]]


@pytest.fixture
def decisions(shard, writer, ask) -> Look:
    def look(**asked: Any) -> Page[ProvisionMade]:
        writer.write(shard.on_topic())
        return ask(lambda connection: list_decisions(connection, 0, TENANT, **asked))

    return look


def runs(page: Page[ProvisionMade]) -> list[str]:
    return [each.run_id for each in page.items]


def test_a_decision_is_listed_with_everything_that_was_frozen(shard, decisions):
    frozen = decided(
        "r1",
        "platform_managed",
        inputs=(SeenInput("model", "recognised", "moonshot/kimi-k2.6"),),
        trail=(Rung("derived_provider", "recognised", "platform_managed", decided=True),),
        faults=("OVERRIDE_UNRECOGNISED",),
        warnings=("VENDOR_KEY_ON_PLATFORM_MODEL",),
        withheld=("KIMI_API_KEY", "OPENAI_API_KEY"),
        outcome="started_on_proxy",
    )
    event = happens(shard, frozen)
    (found,) = decisions().items
    assert (found.run_id, found.workspace_id, found.outcome) == ("r1", "ws", "started_on_proxy")
    assert (found.mode, found.source, found.provider, found.how) == (
        "platform_managed",
        "derived_provider",
        "kimi-coding",
        "exact",
    )
    assert (found.policy, found.registry_version, found.registry_digest) == ("P4", "2026-06-12", "9f" * 32)
    assert found.inputs == [{"name": "model", "state": "recognised", "value": "moonshot/kimi-k2.6"}]
    assert found.trail[0]["decided"] is True
    assert (found.faults, found.warnings) == (["OVERRIDE_UNRECOGNISED"], ["VENDOR_KEY_ON_PLATFORM_MODEL"])
    assert found.withheld == ["KIMI_API_KEY", "OPENAI_API_KEY"]
    assert (found.actor_id, found.command_id, found.recorded_at) == ("tester", "command-1", event.recorded_at)
    assert (found.code, found.also) == (None, [])


def test_inputs_may_hold_what_postgres_has_no_text_for(shard, decisions):
    happens(shard, decided(inputs=(SeenInput("override", "unknown_text", "Own\0Key"),)))
    assert decisions().items[0].inputs[0]["value"] == "Own\\x00Key"


def test_a_refusal_is_listed_with_the_first_gate_and_the_others(shard, decisions):
    happens(shard, refused("r1", code="missing_byok_credential", also=("missing_model",)))
    happens(shard, decided("r1"))
    made, refusal = decisions().items
    assert (refusal.outcome, refusal.code, refusal.also) == ("refused", "missing_byok_credential", ["missing_model"])
    assert (made.run_id, made.outcome) == ("r1", "started_direct")


@pytest.mark.rule("billing-mode-15.9")
def test_what_only_a_fallback_decided_is_told_apart_with_its_faults(shard, decisions):
    happens(shard, decided("chosen", mode_source="workspace_override"))
    happens(shard, decided("derived"))
    happens(shard, decided("default", mode_source="derived_default"))
    happens(shard, decided("constant", mode_source="constant_fallback", faults=("OVERRIDE_UNREADABLE",)))
    happens(shard, refused("never", mode_source="constant_fallback"))
    page = decisions(only_fallbacks=True)
    assert runs(page) == ["constant", "default"]
    assert page.items[0].faults == ["OVERRIDE_UNREADABLE"]


@pytest.mark.parametrize("only_fallbacks", [False, True])
def test_a_workspace_and_a_period_narrow_it_and_pages_miss_none(shard, decisions, only_fallbacks):
    for number in range(1, 7):
        workspace_id = "else" if number == 3 else "ws"
        happens(shard, decided(f"r{number}", workspace_id=workspace_id, mode_source="derived_default"))
    asked = {
        "workspace_id": "ws",
        "period": Period(NOW + 2 * SECOND, NOW + 6 * SECOND),
        "limit": 2,
        "only_fallbacks": only_fallbacks,
    }
    first = decisions(**asked)
    second = decisions(**asked, after=first.next)
    assert runs(first) + runs(second) == ["r5", "r4", "r2"]
    assert second.next is None


def test_another_tenants_decisions_are_not_listed(writer, ask):
    other = Shard(tenant="other")
    happens(other, registered())
    happens(other, decided())
    writer.write(other.on_topic())
    assert ask(lambda connection: list_decisions(connection, 0, TENANT)).items == ()
