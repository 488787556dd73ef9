"""Corrections of lines whose price has parts: each is rated in its own place, by what was known (P5, U8-U10, U16)."""

from __future__ import annotations

import pytest

from domain.corrections.corrected import account, corrected, corrections
from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import record
from domain.usage.test_priced_by_policy import by_period, cost_plus, publish, reported, searches
from usage_ledger.pricing.commands import MapModel, MarginText, SetPricingPolicy
from usage_ledger.pricing.events import PriceDetail
from usage_ledger.workspaces.commands import ChangeBillingMode


@pytest.mark.rule("P5")
@pytest.mark.rule("U16")
def test_a_correction_keeps_its_place_in_the_month_and_the_count_goes_on_from_it(ledger: Rehearsal) -> None:
    by_period(ledger)
    record(ledger, searches(6, "a1"), searches(6, "a2"))
    answer = corrected(ledger, "a1", usage={"searches": 2})
    assert (answer["charged"], answer["delta"]) == ("0.02", "-0.04")
    answer = corrected(ledger, "a2", usage={"searches": 5})
    assert answer["charged"] == "0.041"  # after six, as it was recorded
    assert account(ledger).period_quantities == {"2026-03 searches acme/search": 7}
    (next_one,) = record(ledger, searches(4, "a3"))
    assert next_one["charged"] == "0.031"


@pytest.mark.rule("P5")
def test_a_voided_line_is_not_counted_any_more(ledger: Rehearsal) -> None:
    by_period(ledger)
    record(ledger, searches(10, "a1"))
    corrected(ledger, "a1", void=True)
    (answer,) = record(ledger, searches(1, "a2"))
    assert answer["charged"] == "0.01"


@pytest.mark.rule("U8")
@pytest.mark.parametrize(
    ("knowledge", "removed", "charged"),
    [("original", False, "0.002"), ("original", True, "0.002"), ("current", False, "0.003"), ("current", True, "0.00")],
)
def test_a_fee_stays_a_fee_whatever_the_model_costs(
    ledger: Rehearsal, knowledge: str, removed: bool, charged: str
) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "own key"), SetPricingPolicy("acc", byok_fee_per_request="0.002"))
    record(ledger, {"id": "a1"})
    changed = SetPricingPolicy("acc", remove=("byok_fee_per_request",)) if removed else None
    ledger.given(changed or SetPricingPolicy("acc", byok_fee_per_request="0.003"))
    answer = corrected(ledger, "a1", usage={"input_tokens": 5_000_000}, knowledge=knowledge)
    assert answer["charged"] == charged
    assert answer["line_status"] == ("zero_rated" if charged == "0.00" else "charged")


@pytest.mark.rule("U9")
@pytest.mark.parametrize(("knowledge", "charged"), [("original", "0.40"), ("current", "0.60")])
def test_the_margin_is_the_one_that_was_known(ledger: Rehearsal, knowledge: str, charged: str) -> None:
    cost_plus(ledger, "2")
    record(ledger, reported("0.15", id="a1"))
    ledger.given(SetPricingPolicy("acc", margin=MarginText("multiplier", "3")))
    cost = {"reported_cost": {"amount": "0.20", "currency": "USD"}}
    assert corrected(ledger, "a1", **cost, knowledge=knowledge)["charged"] == charged


@pytest.mark.rule("P4")
@pytest.mark.parametrize(("knowledge", "charged"), [("original", "1.00"), ("current", "3.00")])
def test_an_alias_leads_where_it_led_then(ledger: Rehearsal, knowledge: str, charged: str) -> None:
    publish(ledger, "acme/one", per_million={"input": "1"})
    publish(ledger, "acme/three", per_million={"input": "3"})
    ledger.given(MapModel("acme/latest", "acme/one"), tenant="platform")
    record(ledger, {"id": "a1", "model": "acme/latest", "usage": {"input_tokens": 1}})
    ledger.given(MapModel("acme/latest", "acme/three", effective_from=0), tenant="platform")
    answer = corrected(ledger, "a1", usage={"input_tokens": 1_000_000}, knowledge=knowledge)
    assert answer["charged"] == charged
    (event,) = corrections(ledger)
    assert event.prices[0].detail == PriceDetail(mapped_from="acme/latest")
