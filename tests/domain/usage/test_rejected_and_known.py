"""Items that are not booked: their code, what is kept of them, and whether they take their id (U3-U6)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.rehearsal import DAY, SECOND, Rehearsal, answer_of
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.pricing.commands import PriceText, PublishPrices, StepText, TierText
from usage_ledger.usage.item import UsageItem
from usage_ledger.workspaces.commands import RegisterWorkspace

from .items import item
from .metered_ledger import QUARANTINE, lines, price, quarantined, record, send, usage_events


def test_a_batch_answers_per_item(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"}, {"id": "a2"})
    outcome = send(
        ledger,
        {"id": "a1"},
        {"id": "a2", "usage": {"input_tokens": 2_000_000}},
        {"id": "a3", "usage": {"input_tokens": 3_000_000}},
        {"id": "a4", "usage": {"furlongs": 7}},
    )
    assert outcome.outcome == "accepted"
    answers = answer_of(outcome)["items"]
    assert [(answer["id"], answer["status"], answer.get("code")) for answer in answers] == [
        ("a1", "duplicate", None),
        ("a2", "conflict", "idempotency_conflict"),
        ("a3", "accepted", None),
        ("a4", "rejected", "unknown_unit"),
    ]
    assert answer_of(outcome)["charged"] == "3.00"
    assert [line.attempt_id for line in lines(ledger)] == ["a1", "a2", "a3"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"usage": {"furlongs": 7}}, "unknown_unit"),
        ({"usage": {"input_tokens": -1}}, "invalid_quantity"),
        ({"usage": {"input_tokens": 2**63}}, "invalid_quantity"),
        ({"reported_cost": {"amount": "1e9", "currency": "USD"}}, "invalid_quantity"),
        ({"usage": {"input_tokens": 2**63 - 1, "output_tokens": 2**63 - 1}}, "amount_out_of_range"),
    ],
)
def test_a_rejected_item_is_kept_raw_and_may_be_sent_again(
    ledger: Rehearsal, fields: dict[str, Any], code: str
) -> None:
    ledger.given(price("acme/dear", "dear-1", {"input": "1000000", "output": "1"}), tenant="platform")
    at = ledger.now
    (answer,) = record(ledger, fields | {"model": "acme/dear", "occurred_at": at})
    assert (answer["status"], answer["code"]) == ("rejected", code)
    (kept,) = quarantined(ledger)
    assert (kept.attempt_id, kept.source, kept.occurred_at, kept.disposition, kept.reason) == (
        "a1",
        "gw",
        at,
        "rejected",
        code,
    )
    assert msgspec.json.decode(kept.raw, type=UsageItem) == item(**fields, model="acme/dear", occurred_at=at)
    (again,) = record(ledger, {})
    assert again["status"] == "accepted"


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (-300 * SECOND, None),
        (-300 * SECOND - 1, "occurred_in_future"),
        (35 * DAY, None),
        (35 * DAY + 1, "outside_late_window"),
    ],
)
def test_time_has_two_bounds_and_both_are_inclusive(ledger: Rehearsal, age: int, code: str | None) -> None:
    ledger.wait(36 * DAY)
    (answer,) = record(ledger, {"occurred_at": ledger.now - age})
    assert (answer["status"], answer.get("code")) == ("rejected" if code else "accepted", code)


def test_time_is_judged_before_the_workspace(ledger: Rehearsal) -> None:
    (answer,) = record(ledger, {"workspace_id": "nobody", "occurred_at": ledger.now + 301 * SECOND})
    assert answer["code"] == "occurred_in_future"


def test_a_known_attempt_is_a_duplicate_however_late_it_comes_again(ledger: Rehearsal) -> None:
    at = ledger.now
    record(ledger, {"occurred_at": at})
    ledger.wait(40 * DAY)
    assert record(ledger, {"occurred_at": at}) == [{"id": "a1", "status": "duplicate"}]


def test_an_id_twice_in_one_request_counts_once(ledger: Rehearsal) -> None:
    answers = record(ledger, {}, {"occurred_at": ledger.now - 1}, {"usage": {"input_tokens": 5}})
    assert [answer["status"] for answer in answers] == ["accepted", "duplicate", "conflict"]
    assert len(lines(ledger)) == 1


def test_a_waiting_id_twice_in_one_request_waits_once(ledger: Rehearsal) -> None:
    answers = record(ledger, {"workspace_id": "nobody"}, {"workspace_id": "nobody"})
    assert [answer["status"] for answer in answers] == ["quarantined", "duplicate"]
    assert len(quarantined(ledger)) == 1


def test_an_id_that_was_rejected_is_free_in_the_same_request(ledger: Rehearsal) -> None:
    answers = record(ledger, {"usage": {"furlongs": 1}}, {})
    assert [answer["status"] for answer in answers] == ["rejected", "accepted"]


def test_sources_do_not_share_ids(ledger: Rehearsal) -> None:
    answers = record(ledger, {}, {"source": "other-gateway"})
    assert [answer["status"] for answer in answers] == ["accepted", "accepted"]
    second = lines(ledger)[1]
    assert second.detail is not None
    assert second.detail.source == "other-gateway"


def test_one_event_keeps_all_that_a_command_could_not_book(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a", "usage": {"x": 1}}, {"id": "b"}, {"id": "c", "workspace_id": "nobody"})
    assert len(ledger.events(QUARANTINE)) == 1
    kept = [(item.attempt_id, item.disposition) for item in quarantined(ledger)]
    assert kept == [("a", "rejected"), ("c", "waiting")]


@pytest.mark.parametrize(
    ("items", "outcome", "code"),
    [
        ([{}], "accepted", None),
        ([{}, {"id": "b", "usage": {"x": 1}}], "accepted", None),
        ([{"id": "known"}], "duplicate", None),
        ([{"id": "known"}, {"usage": {"x": 1}}], "refused", "unknown_unit"),
        ([{"id": "known", "usage": {}}, {"usage": {"x": 1}}], "refused", "idempotency_conflict"),
        ([{"workspace_id": "nobody"}], "accepted", None),
        ([{"id": "known"}, {"workspace_id": "nobody"}], "accepted", None),
        ([{"workspace_id": "nobody"}, {"id": "b", "usage": {"x": 1}}], "refused", "unknown_unit"),
    ],
)
def test_the_commands_outcome_follows_from_its_items(
    ledger: Rehearsal, items: list[dict[str, Any]], outcome: str, code: str | None
) -> None:
    record(ledger, {"id": "known"})
    result = send(ledger, *items)
    assert (result.outcome, answer_of(result)["outcome"], answer_of(result).get("code")) == (outcome, outcome, code)


@pytest.mark.parametrize(
    "other",
    [
        {"id": "b", "usage": {"input_tokens": -1}},
        {"id": "b", "workspace_id": "nobody"},
        {"id": "known", "usage": {"input_tokens": 1}},
    ],
)
def test_an_atomic_command_is_all_or_nothing(ledger: Rehearsal, other: dict[str, Any]) -> None:
    record(ledger, {"id": "known"})
    taken = ledger.attempts_taken
    outcome = send(ledger, {"id": "a"}, other, atomic=True)
    assert (outcome.outcome, outcome.code) == ("refused", "item_refused")
    assert len(usage_events(ledger)) == 1
    assert quarantined(ledger) == []
    assert ledger.attempts_taken == taken


def test_an_atomic_command_may_repeat_what_is_known(ledger: Rehearsal) -> None:
    record(ledger, {"id": "known"})
    assert send(ledger, {"id": "a"}, {"id": "known"}, atomic=True).outcome == "accepted"


def test_a_line_beyond_64_bits_is_rejected_alone(ledger: Rehearsal) -> None:
    ledger.given(price("acme/dear", "dear-1", {"input": "1000000"}), tenant="platform")
    ledger.given(OpenAccount("rich", "org", "USD", funding="invoiced"), RegisterWorkspace("r", account_id="rich"))
    half = {"workspace_id": "r", "model": "acme/dear", "usage": {"input_tokens": 5 * 10**9}}
    answers = record(ledger, {"id": "a"} | half, {"id": "b"} | half, {"id": "c", "workspace_id": "r"})
    assert [(answer["status"], answer.get("code")) for answer in answers] == [
        ("accepted", None),
        ("rejected", "amount_out_of_range"),
        ("accepted", None),
    ]
    (later,) = record(ledger, {"id": "d"} | half)
    assert later["code"] == "amount_out_of_range"


@pytest.mark.rule("M2")
@pytest.mark.rule("P5")
def test_more_in_a_month_than_64_bits_can_count_is_rejected_whatever_it_would_cost(ledger: Rehearsal) -> None:
    steps = (StepText(up_to=10, unit="0.01"), StepText(unit="0"))
    text = PriceText(tiers=(TierText("searches", mode="graduated", basis="period", steps=steps),))
    published = PublishPrices("t-1", "acme/tiers", "sell", "USD", text, "r")
    ledger.given(published, tenant="platform")
    fields = {"model": "acme/tiers", "usage": {"searches": 2**63 - 1}}
    answers = record(ledger, fields | {"id": "a1"}, fields | {"id": "a2"})
    assert [(each["status"], each.get("code")) for each in answers] == [
        ("accepted", None),
        ("rejected", "amount_out_of_range"),
    ]
