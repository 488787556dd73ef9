"""What a line comes to (U8, U11-U13): the reason that stands first decides."""

from __future__ import annotations

from typing import Any

import pytest

from domain.rehearsal import Rehearsal
from usage_ledger.accounts.journal import JournalEntry, JournalLine
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.usage.answer import UNPRICED, ZERO_RATED
from usage_ledger.workspaces.commands import ChangeBillingMode

from .metered_ledger import METERED, lines, price, record, usage_events

REPORTED = {"reported_cost": {"amount": "0.80", "currency": "USD"}}
UNKNOWN = {"model": "acme/unknown"}


@pytest.mark.parametrize(
    ("fields", "line_status", "reason"),
    [
        ({}, "charged", None),
        ({"usage": {"cache_read_tokens": 5}}, "zero_rated", "price_zero"),
        ({"usage": {"input_tokens": 0}}, "zero_rated", "no_usage"),
        ({"usage": {}}, "zero_rated", "no_usage"),
        ({"status": "partial"}, "charged", None),
        ({"status": "failed"}, "zero_rated", "failed"),
        ({"operation": "fetch"}, "zero_rated", "not_billable"),
        ({"operation": "poll", "status": "failed"}, "zero_rated", "not_billable"),
        ({"usage": {"images": 1, "input_tokens": 1}}, "unpriced", "bucket_unpriced"),
        (UNKNOWN, "unpriced", "no_price"),
        (UNKNOWN | {"status": "failed"}, "zero_rated", "failed"),
        ({"model": "acme/dust", "usage": {"input_tokens": 1}}, "zero_rated", "rounds_to_zero"),
        ({"model": "acme/euro"}, "unpriced", "no_price_in_currency"),
        ({"model": "acme/cost"}, "unpriced", "no_margin_rule"),
    ],
)
def test_a_line_says_what_it_is_and_why(
    ledger: Rehearsal, fields: dict[str, Any], line_status: str, reason: str | None
) -> None:
    ledger.given(
        price("acme/dust", "dust-1", {"input": "0.0001"}),
        price("acme/euro", "euro-1", {"input": "1"}, currency="EUR"),
        price("acme/cost", "cost-1", {"input": "1"}, list="cost"),
        tenant="platform",
    )
    (answer,) = record(ledger, fields)
    assert (answer["status"], answer["line_status"], answer.get("reason")) == ("accepted", line_status, reason)
    (line,) = lines(ledger)
    assert line.outcome == (reason or "charged")
    assert (line.charged > 0) == (line_status == "charged")


def test_every_outcome_has_one_status() -> None:
    assert ZERO_RATED.isdisjoint(UNPRICED)
    assert ZERO_RATED | UNPRICED | {"charged"} == set(LineOutcome.__args__)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({"model": "acme/cost"}, "1.00"),
        ({"model": "acme/cost"} | REPORTED, "1.00"),
        ({"model": "acme/cost", "usage": {"images": 1}} | REPORTED, "0.80"),
        ({"model": "acme/cost", "usage": {"images": 1}}, None),
        ({"model": "acme/cost", "status": "failed"}, "1.00"),
        ({"model": "acme/cost", "operation": "fetch"}, None),
        ({"model": "acme/cost", "operation": "fetch"} | REPORTED, "0.80"),
        ({}, None),
        (REPORTED, "0.80"),
        ({"reported_cost": {"amount": "0.0000000005", "currency": "USD"}}, "0.00"),
        ({"reported_cost": {"amount": "0.0000000015", "currency": "USD"}}, "0.000000002"),
    ],
)
def test_the_providers_cost_is_its_list_price_else_what_was_reported(
    ledger: Rehearsal, fields: dict[str, Any], cost: str | None
) -> None:
    ledger.given(price("acme/cost", "cost-1", {"input": "1"}, list="cost"), tenant="platform")
    (answer,) = record(ledger, fields)
    assert answer.get("provider_cost") == cost


def test_a_cost_reported_in_another_currency_than_the_cost_list_does_not_stand_for_it(ledger: Rehearsal) -> None:
    ledger.given(price("acme/cost", "cost-1", {"input": "1"}, list="cost"), tenant="platform")
    euros = {"reported_cost": {"amount": "0.80", "currency": "EUR"}}
    (answer,) = record(ledger, {"model": "acme/cost", "usage": {"images": 1}} | euros)
    assert "provider_cost" not in answer


def test_an_unpriced_line_waits_in_suspense_at_its_reported_cost(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a"} | UNKNOWN | REPORTED, {"id": "b"} | UNKNOWN, {"id": "c"} | UNKNOWN | REPORTED)
    (event,) = usage_events(ledger)
    assert [line.detail.suspense if line.detail else None for line in event.lines] == [8 * 10**8, None, 8 * 10**8]
    opened = JournalEntry(
        "suspense_opened", (JournalLine(1900, "debit", 16 * 10**8), JournalLine(2900, "credit", 16 * 10**8))
    )
    assert event.entries == (opened,)
    assert (event.charged, event.allocations) == (0, ())


@pytest.mark.parametrize(
    "fields",
    [
        UNKNOWN | {"reported_cost": {"amount": "0.80", "currency": "EUR"}},
        UNKNOWN | {"reported_cost": {"amount": "0", "currency": "USD"}},
        UNKNOWN | REPORTED | {"status": "failed"},
        REPORTED,
    ],
)
def test_nothing_else_is_in_suspense(ledger: Rehearsal, fields: dict[str, Any]) -> None:
    record(ledger, fields)
    (event,) = usage_events(ledger)
    assert all(entry.type == "usage" for entry in event.entries)
    assert event.lines[0].detail is not None
    assert event.lines[0].detail.suspense is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "byok"),
        ({"status": "failed"}, "byok"),
        ({"operation": "fetch"}, "not_billable"),
        (UNKNOWN | REPORTED, "byok"),
    ],
)
def test_nobody_is_charged_for_byok(ledger: Rehearsal, fields: dict[str, Any], reason: str) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "own key"))
    (answer,) = record(ledger, fields)
    assert (answer["line_status"], answer["reason"], answer["charged"]) == ("zero_rated", reason, "0.00")
    assert (answer["mode"], answer["payer_reason"]) == ("byok", "other_provider")
    assert "account_id" not in answer
    assert usage_events(ledger) == []
    (event,) = usage_events(ledger, METERED)
    assert (event.account_id, event.currency, event.charged, event.entries) == (None, None, 0, ())
    assert (event.balance_after, event.held_after) == (None, None)


def test_metered_usage_still_knows_what_the_provider_took(ledger: Rehearsal) -> None:
    ledger.given(price("acme/small", "small-cost", {"input": "0.5"}, list="cost"), tenant="platform")
    ledger.given(ChangeBillingMode("ws", "byok", "own key"))
    (answer,) = record(ledger, {})
    assert answer["provider_cost"] == "0.50"
    (event,) = usage_events(ledger, METERED)
    assert event.prices[0].cost is not None
    assert event.prices[0].charge is None
