"""Usage that another one paid for than was decided is listed with what is at stake, and so is what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from usage_ledger_views.charge_mismatches.queries import (
    ChargeMismatch,
    MismatchFilter,
    list_charge_mismatches,
    read_mismatch_totals,
)
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import Period
from views.open_items import disabled, judged, kept
from views.recorded import NOW, TENANT, Shard, decision, detail, item, line, price

SECOND = 1_000_000
QUARANTINE = f"{TENANT}/quarantine"
PLATFORM_KEY = decision(mode="byok", payer=None, payer_reason="other_provider", route_mismatch=True)
FALLBACK = decision(mode="byok")
OWN_KEY = decision(credential="byok", route_mismatch=True)

Look = Callable[..., Page[ChargeMismatch]]


@pytest.fixture
def project(shard, writer) -> Callable[[], None]:
    """Brings the views to what was recorded so far."""
    done = 0

    def bring() -> None:
        nonlocal done
        if recorded := shard.on_topic()[done:]:
            writer.write(recorded)
        done = len(shard.events)

    return bring


@pytest.fixture
def mismatches(project, ask) -> Look:
    def look(limit: int | None = None, after: str | None = None, **chosen: Any) -> Page[ChargeMismatch]:
        project()
        asked = MismatchFilter(**chosen)
        return ask(
            lambda connection: list_charge_mismatches(connection, 0, TENANT, chosen=asked, limit=limit, after=after)
        )

    return look


@pytest.fixture
def totals(project, ask) -> Callable[..., list[tuple[Any, ...]]]:
    def look(**chosen: Any) -> list[tuple[Any, ...]]:
        project()
        found = ask(lambda connection: read_mismatch_totals(connection, TENANT, MismatchFilter(**chosen)))
        return [msgspec.structs.astuple(each) for each in found]

    return look


def metered(shard: Shard, *lines: dict[str, Any], decided: dict[str, Any] = PLATFORM_KEY, **fields: Any) -> None:
    shard.usage([*lines], account_id=None, decisions=[decided], **fields)


def charge(shard: Shard, amount: int, decided: dict[str, Any], **fields: Any) -> None:
    shard.open_account()
    shard.usage([item(amount, **fields)], debits=[line(1300, "debit", amount)], decisions=[decided])


def test_usage_that_was_paid_as_it_was_decided_is_not_listed(shard, mismatches):
    shard.open_account()
    shard.usage([item(5)], debits=[line(1300, "debit", 5)])
    for each in (
        decision(mode="byok", payer=None, credential="byok"),
        decision(mode="byok", payer=None, credential="UNKNOWN"),
        decision(payer=None, credential="UNKNOWN"),
    ):
        metered(shard, item(), decided=each)
    assert mismatches().items == ()


def test_the_platforms_key_under_a_byok_decision_is_at_stake_with_what_the_call_cost(shard, mismatches):
    metered(
        shard,
        item(outcome="byok", provider_cost=40, input=7, cache_read=2, output=3, attempt_id="a1"),
        decided={**PLATFORM_KEY, "registry_version": "2026-06-12", "detail": run_detail("r1")},
        prices=[price(cost_currency="EUR")],
    )
    (found,) = mismatches().items
    assert (found.kind, found.attempt_id, found.source) == ("platform_key_under_byok", "a1", "test")
    assert (found.mode, found.credential, found.account_id, found.run_id) == ("byok", "platform", None, "r1")
    assert (found.policy, found.registry_version, found.model) == ("P4", "2026-06-12", "model-a")
    assert (found.input_tokens, found.cache_read_tokens, found.output_tokens) == (7, 2, 3)
    assert (found.charged, found.currency, found.provider_cost, found.cost_currency) == (0, None, 40, "EUR")
    assert (found.exposure, found.exposure_currency) == (40, "EUR")


def test_what_a_call_cost_may_be_known_from_its_report_alone_or_not_at_all(shard, mismatches):
    reported = detail(reported_cost={"femto": 9_000_000, "currency": "EUR"})
    metered(shard, item(attempt_id="reported", provider_cost=9, detail=reported), item(attempt_id="unknown"))
    unknown, known = mismatches().items
    assert (known.exposure, known.exposure_currency) == (9, "EUR")
    assert (unknown.exposure, unknown.exposure_currency) == (None, None)


def test_an_own_key_that_credits_were_charged_for_is_at_stake_with_the_charge(shard, mismatches):
    charge(shard, 5, OWN_KEY, attempt_id="a1", provider_cost=4)
    (found,) = mismatches().items
    assert (found.kind, found.mode, found.credential) == ("own_key_charged", "platform_managed", "byok")
    assert (found.account_id, found.charged, found.exposure, found.exposure_currency) == ("main", 5, 5, "USD")


def test_a_declared_fallback_to_the_platforms_key_is_listed_and_settled(shard, mismatches):
    charge(shard, 5, FALLBACK, attempt_id="a1")
    (found,) = mismatches().items
    assert (found.kind, found.mode, found.charged, found.exposure) == ("platform_fallback", "byok", 5, 0)


def test_only_the_lines_of_a_decision_that_was_contradicted_are_listed(shard, mismatches):
    shard.open_account()
    lines = [item(5, attempt_id="a1"), item(6, attempt_id="a2", decision=1), item(7, attempt_id="a3")]
    shard.usage(lines, debits=[line(1300, "debit", 18)], decisions=[decision(), OWN_KEY])
    (found,) = mismatches().items
    assert (found.attempt_id, found.charged, found.place) == ("a2", 6, 1)


@pytest.mark.parametrize("batches", [1, 2])
def test_a_correction_changes_what_is_at_stake_in_its_place_and_a_void_takes_it_away(
    shard, project, mismatches, batches
):
    shard.open_account()
    first = [item(5, attempt_id=each) for each in ("a1", "a2")]
    shard.usage(first, debits=[line(1300, "debit", 10)], decisions=[OWN_KEY])
    if batches == 2:
        project()
    moved = [line(1300, "credit", 3)]
    corrected = item(2, attempt_id="a1")
    shard.correct(first[:1], [corrected], moved=moved, balance_after=-7, decisions=[OWN_KEY])
    shard.correct(first[1:], [item(0, attempt_id="a2")], moved=moved, balance_after=-2, decisions=[OWN_KEY], void=True)
    (found,) = mismatches().items
    assert (found.attempt_id, found.charged, found.exposure) == ("a1", 2, 2)
    assert (found.position, found.place, found.recorded_at) == (2, 0, NOW + 2 * SECOND)


def test_a_charge_that_came_with_its_price_is_at_stake_then(shard, mismatches):
    shard.open_account()
    shard.usage([item(0, outcome="no_price")], decisions=[OWN_KEY])
    assert mismatches().items[0].exposure == 0
    shard.rate([item(6)], debits=[line(1300, "debit", 6)], balance_after=-6, decisions=[OWN_KEY])
    (found,) = mismatches().items
    assert (found.charged, found.exposure, found.position) == (6, 6, 2)


def test_refused_usage_is_listed_with_its_tokens_its_route_and_what_it_reported_to_cost(shard, mismatches):
    shard.record(QUARANTINE, "UsageQuarantined", items=[disabled("a1", amount_at_risk=9, currency="USD")])
    (found,) = mismatches().items
    assert (found.kind, found.mode, found.workspace_id, found.run_id) == ("mode_disabled", "disabled", "ws", "r1")
    assert (found.model, found.credential, found.source) == ("kimi-for-coding", "platform", "gateway")
    assert (found.input_tokens, found.cache_read_tokens, found.output_tokens) == (7, 0, 3)
    assert (found.charged, found.exposure, found.exposure_currency) == (None, 9, "USD")


def test_refused_usage_that_came_as_the_providers_own_object_has_no_counts_here(shard, mismatches):
    raw = msgspec.json.encode({"id": "a1", "model": "m", "raw_usage": {"prompt_tokens": 1}, "api_flavor": "openai"})
    shard.record(QUARANTINE, "UsageQuarantined", items=[disabled("a1", raw=raw)])
    (found,) = mismatches().items
    assert (found.input_tokens, found.exposure, found.credential) == (None, None, "UNKNOWN")


def test_what_was_refused_for_another_reason_is_not_listed(shard, mismatches):
    shard.record(QUARANTINE, "UsageQuarantined", items=[disabled("a1", reason="unknown_unit"), kept("a2")])
    assert mismatches().items == ()


def test_refused_usage_that_is_sent_again_counts_once(shard, project, totals):
    for _ in range(2):
        shard.record(QUARANTINE, "UsageQuarantined", items=[disabled("a1", amount_at_risk=9, currency="USD")])
        project()
    assert totals() == [("mode_disabled", "USD", 1, 0, 9)]


@pytest.mark.parametrize("batches", [1, 2])
def test_usage_that_waited_for_a_run_which_turned_out_disabled_is_listed(shard, project, mismatches, batches):
    waiting = disabled("a1", disposition="waiting", reason="run_not_decided", amount_at_risk=9, currency="USD")
    shard.record(QUARANTINE, "UsageQuarantined", items=[waiting])
    if batches == 2:
        project()
    shard.record(QUARANTINE, "WaitingUsageJudged", items=[judged("a1", "mode_disabled")])
    discarded = {"attempt_id": "a1", "attempt_source": "gateway", "workspace_id": "ws", "disposition": "waiting"}
    shard.record(QUARANTINE, "QuarantinedDiscarded", **discarded, reason="given up")
    (found,) = mismatches().items
    assert (found.kind, found.exposure, found.occurred_at, found.position) == ("mode_disabled", 9, NOW, 2)


def test_usage_that_goes_on_waiting_is_not_listed(shard, mismatches):
    shard.record(QUARANTINE, "UsageQuarantined", items=[kept("a1")])
    shard.record(QUARANTINE, "WaitingUsageJudged", items=[judged("a1", "no_pin")])
    assert mismatches().items == ()


def test_totals_are_by_kind_and_currency_and_say_how_many_are_unknown(shard, totals):
    charge(shard, 5, OWN_KEY, attempt_id="a1")
    metered(shard, item(attempt_id="a2", provider_cost=40), item(attempt_id="a3"), prices=[price(cost_currency="EUR")])
    metered(shard, item(attempt_id="a4"))
    shard.record(QUARANTINE, "UsageQuarantined", items=[disabled("a5", amount_at_risk=9, currency="USD")])
    assert totals() == [
        ("mode_disabled", "USD", 1, 0, 9),
        ("own_key_charged", "USD", 1, 0, 5),
        ("platform_key_under_byok", "EUR", 1, 0, 40),
        ("platform_key_under_byok", None, 2, 2, 0),
    ]
    assert totals(workspace_id="else") == []
    assert totals(account_id="main") == [("own_key_charged", "USD", 1, 0, 5)]
    assert totals(kind="mode_disabled", period=Period(0, NOW)) == []


def test_pages_miss_no_line_of_an_event(shard, mismatches):
    metered(shard, *[item(attempt_id=f"a{number}") for number in range(1, 6)])
    metered(shard, item(attempt_id="a6"))
    asked = {"limit": 4, "workspace_id": "ws", "period": Period(NOW, NOW + 2 * SECOND)}
    first = mismatches(**asked)
    second = mismatches(**asked, after=first.next)
    assert [each.attempt_id for each in (*first.items, *second.items)] == ["a5", "a4", "a3", "a2", "a1"]
    assert second.next is None


def test_another_tenants_mismatches_are_not_listed(writer, ask):
    other = Shard(tenant="other")
    metered(other, item())
    writer.write(other.on_topic())
    assert ask(lambda c: list_charge_mismatches(c, 0, TENANT, chosen=MismatchFilter())).items == ()


def run_detail(run_id: str) -> dict[str, Any]:
    return {
        "used_by": None,
        "bill_to_rejected": None,
        "attribution": None,
        "attribution_rejected": None,
        "run_id": run_id,
    }
