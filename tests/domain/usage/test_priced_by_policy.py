"""Policies and forms of price, as they charge usage that is recorded (P5, U8-U10, U13)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from domain.rehearsal import DAY, Rehearsal
from domain.usage.metered_ledger import ACCOUNT, METERED, lines, record, usage_events
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.pricing.commands import MarginText, PriceText, PublishPrices, SetPricingPolicy
from usage_ledger.pricing.events import Margin, PriceDetail
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

TWO_STEPS = [{"up_to": 10, "unit": "0.01"}, {"unit": "0.001"}]


def publish(ledger: Rehearsal, model: str, price_list: Any = "sell", version: str = "v1", **forms: Any) -> None:
    price = msgspec.convert(forms, PriceText)
    published = PublishPrices(version, model, price_list, "USD", price, "r", effective_from=0)
    ledger.given(published, tenant="platform")


def reported(cost: str, **fields: Any) -> dict[str, Any]:
    return {"model": "acme/plus", "reported_cost": {"amount": cost, "currency": "USD"}, "usage": {}, **fields}


def cost_plus(ledger: Rehearsal, *margins: str) -> None:
    publish(ledger, "acme/plus", "cost", reported_cost=True)
    for value in margins:
        ledger.given(SetPricingPolicy("acc", margin=MarginText("multiplier", value)))


def by_period(ledger: Rehearsal, **fields: Any) -> None:
    tiers = [{"bucket": "searches", "mode": "graduated", "basis": "period", "steps": TWO_STEPS}]
    publish(ledger, "acme/search", **({"tiers": tiers} | fields))


def searches(quantity: int, attempt_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": attempt_id, "model": "acme/search", "usage": {"searches": quantity}, **fields}


@pytest.mark.rule("U9")
def test_the_margin_is_on_the_exact_cost_and_what_the_provider_takes_is_kept(ledger: Rehearsal) -> None:
    cost_plus(ledger, "1.3")
    (first,) = record(ledger, reported("0.15"))
    ledger.given(SetPricingPolicy("acc", margin=MarginText("multiplier", "1")))
    (second,) = record(ledger, reported("0.25", id="a2"))
    assert (first["charged"], first["provider_cost"]) == ("0.195", "0.15")
    assert (second["charged"], second["provider_cost"]) == ("0.25", "0.25")
    details = [event.prices[0].detail for event in usage_events(ledger)]
    assert details == [PriceDetail(Margin("multiplier", value)) for value in ("1.3", "1")]


@pytest.mark.rule("U11")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reported_cost": None}, "no_reported_cost"),
        ({"reported_cost": {"amount": "1", "currency": "EUR"}}, "no_reported_cost"),
    ],
)
def test_without_a_reported_cost_in_its_currency_a_line_is_unpriced(
    ledger: Rehearsal, fields: dict[str, Any], reason: str
) -> None:
    cost_plus(ledger, "1.3")
    (answer,) = record(ledger, {k: v for k, v in (reported("1") | fields).items() if v is not None})
    assert (answer["line_status"], answer["reason"], answer["charged"]) == ("unpriced", reason, "0.00")


@pytest.mark.rule("U13")
@pytest.mark.parametrize(("charges", "answered"), [(False, ("zero_rated", "0.00")), (True, ("charged", "0.15"))])
def test_a_failed_attempt_is_charged_where_the_policy_says_so(
    ledger: Rehearsal, charges: bool, answered: tuple[str, str]
) -> None:
    cost_plus(ledger, "1")
    ledger.given(SetPricingPolicy("acc", charge_failed=charges))
    (answer,) = record(ledger, reported("0.15", status="failed"))
    assert (answer["line_status"], answer["charged"], answer["provider_cost"]) == (*answered, "0.15")


@pytest.mark.rule("U8")
@pytest.mark.parametrize(
    ("fields", "line_status", "reason", "charged"),
    [
        ({}, "charged", None, "0.002"),
        ({"model": "acme/unknown"}, "charged", None, "0.002"),
        ({"status": "failed"}, "zero_rated", "byok", "0.00"),
        ({"operation": "fetch"}, "zero_rated", "not_billable", "0.00"),
        ({"fallback_from": "a0", "credential": "platform"}, "charged", None, "1.00"),
    ],
)
def test_the_customers_own_key_costs_its_fee_and_a_fallback_its_price(
    ledger: Rehearsal, fields: dict[str, Any], line_status: str, reason: str | None, charged: str
) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "own key"), SetPricingPolicy("acc", byok_fee_per_request="0.002"))
    (answer,) = record(ledger, {"credential": "byok"} | fields)
    assert (answer["line_status"], answer.get("reason"), answer["charged"]) == (line_status, reason, charged)
    assert (answer["mode"], answer["account_id"], answer["payer_reason"]) == ("byok", "acc", "pinned")
    assert not usage_events(ledger)[0].decisions[0].route_mismatch


@pytest.mark.rule("U8")
def test_a_fee_is_no_price(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "own key"), SetPricingPolicy("acc", byok_fee_per_request="0.002"))
    record(ledger, {})
    (event,) = usage_events(ledger)
    assert event.prices[0].charge is None
    assert event.prices[0].detail == PriceDetail(byok_fee=2_000_000)


@pytest.mark.rule("U8")
def test_without_a_payer_there_is_no_fee(ledger: Rehearsal) -> None:
    ledger.given(SetPricingPolicy(byok_fee_per_request="0.002"), tenant="platform")
    ledger.given(RegisterWorkspace("alone"), ChangeBillingMode("alone", "byok", "own key"))
    (answer,) = record(ledger, {"workspace_id": "alone"})
    assert (answer["reason"], answer["charged"]) == ("byok", "0.00")


@pytest.mark.rule("P5")
def test_a_month_goes_on_from_line_to_line_and_from_command_to_command(ledger: Rehearsal) -> None:
    by_period(ledger)
    first = record(ledger, searches(6, "a1"), searches(6, "a2"))
    second = record(ledger, searches(6, "a3"))
    assert [answer["charged"] for answer in first + second] == ["0.06", "0.042", "0.006"]
    said = [line.detail.rating for line in lines(ledger) if line.detail]
    assert said == [
        RatingDetail(tiers=(TierUsed("searches", before, step),)) for before, step in ((0, 0), (6, 1), (12, 1))
    ]


@pytest.mark.rule("P5")
def test_late_usage_counts_in_the_month_in_which_it_occurred(ledger: Rehearsal) -> None:
    by_period(ledger)
    ledger.wait(30 * DAY)  # it is the first of April
    record(ledger, searches(10, "april"))
    late = ledger.now - 2 * DAY
    (before, after) = record(
        ledger, searches(10, "march", occurred_at=late), searches(1, "again", occurred_at=late + 1)
    )
    assert (before["charged"], after["charged"]) == ("0.10", "0.001")
    (now,) = record(ledger, searches(1, "now"))
    assert now["charged"] == "0.001"


@pytest.mark.rule("P5")
def test_the_month_is_that_of_the_accounts_zone(ledger: Rehearsal) -> None:
    by_period(ledger)
    ledger.given(OpenAccount("east", "org", "USD", zone="Pacific/Auckland"))
    ledger.given(RegisterWorkspace("ws-east", account_id="east"))
    ledger.wait(30 * DAY)
    midnight = 1_774_954_800_000_000  # 2026-04-01T00:00:00 in Auckland, 2026-03-31T11:00:00Z
    east = {"workspace_id": "ws-east"}
    answers = [
        *record(ledger, searches(10, "a1", occurred_at=midnight - 1, **east)),
        *record(ledger, searches(10, "a2", occurred_at=midnight, **east)),
        *record(ledger, searches(1, "a3", occurred_at=midnight + DAY // 2, **east)),
        *record(ledger, searches(10, "b1", occurred_at=midnight - 1)),
        *record(ledger, searches(1, "b2", occurred_at=midnight)),
    ]
    assert [answer["charged"] for answer in answers] == ["0.10", "0.10", "0.001", "0.10", "0.001"]


@pytest.mark.rule("P5")
def test_each_model_each_bucket_and_each_account_is_counted_by_itself(ledger: Rehearsal) -> None:
    both = [
        {"bucket": bucket, "mode": "graduated", "basis": "period", "steps": TWO_STEPS}
        for bucket in ("searches", "images")
    ]
    by_period(ledger, tiers=both)
    publish(ledger, "acme/other", tiers=both)
    ledger.given(OpenAccount("second", "org", "USD"), RegisterWorkspace("ws2", account_id="second"))
    answers = record(
        ledger,
        searches(10, "a1"),
        searches(0, "a2", usage={"images": 10, "searches": 1}),
        searches(1, "a3", model="acme/other"),
        searches(1, "a4", workspace_id="ws2"),
    )
    assert [answer["charged"] for answer in answers] == ["0.10", "0.101", "0.01", "0.01"]


@pytest.mark.rule("P5")
def test_what_is_not_charged_is_not_counted(ledger: Rehearsal) -> None:
    by_period(ledger)
    record(
        ledger, searches(10, "failed", status="failed"), searches(10, "unpriced", usage={"searches": 9, "images": 1})
    )
    (answer,) = record(ledger, searches(1, "a1"))
    assert answer["charged"] == "0.01"


@pytest.mark.rule("P5")
def test_a_cost_list_that_charges_nobody_counts_its_month_too(ledger: Rehearsal) -> None:
    publish(ledger, "acme/search", per_unit={"searches": "1"})
    tiers = [{"bucket": "searches", "size": 10, "price": "0.5", "basis": "period"}]
    publish(ledger, "acme/search", "cost", "cost-1", tiers=tiers)
    answers = record(ledger, searches(6, "a1"), searches(4, "a2"), searches(1, "a3"))
    assert [answer["provider_cost"] for answer in answers] == ["0.50", "0.00", "0.50"]
    assert [answer["charged"] for answer in answers] == ["6.00", "4.00", "1.00"]


@pytest.mark.rule("P5")
def test_usage_that_nobody_pays_for_stands_alone(ledger: Rehearsal) -> None:
    tiers = [{"bucket": "searches", "size": 10, "price": "0.5", "basis": "period"}]
    publish(ledger, "acme/search", "cost", tiers=tiers)
    ledger.given(ChangeBillingMode("ws", "byok", "own key"))
    answers = record(ledger, searches(6, "a1"), searches(4, "a2"))
    assert [answer["provider_cost"] for answer in answers] == ["0.50", "0.50"]
    assert len(lines(ledger, METERED)) == 2


@pytest.mark.rule("J6")
def test_what_was_counted_survives_a_snapshot(ledger: Rehearsal) -> None:
    by_period(ledger)
    record(ledger, searches(6, "a1"))
    account = Account()
    for envelope, payload in ledger.recorded(ACCOUNT):
        account.apply(payload, envelope.recorded_at)
    assert account.period_quantities == {"2026-03 searches acme/search": 6}
    restored = Account.restore(account.snapshot(), account.version)
    assert restored.period_quantities == account.period_quantities


@pytest.mark.rule("P7")
def test_lines_on_both_sides_of_a_windows_edge_have_their_own_prices(ledger: Rehearsal) -> None:
    window = {"from": "12:00", "to": "12:30", "per_million": {"input": "1"}}
    publish(ledger, "acme/peak", per_million={"input": "2"}, windows=[window])
    ledger.wait(2 * DAY)
    noon = ledger.now - ledger.now % DAY + DAY // 2
    moments = noon - 1, noon, noon + 1, noon - DAY, noon - 2
    answers = record(ledger, *({"id": f"a{at}", "model": "acme/peak", "occurred_at": at} for at in moments))
    assert [answer["charged"] for answer in answers] == ["2.00", "1.00", "1.00", "1.00", "2.00"]
    said = {line.occurred_at: line.detail.rating if line.detail else None for line in lines(ledger)}
    assert said[noon] == RatingDetail(window_from_s=43_200, window_to_s=45_000)
    assert said[noon - 1] is None


def test_a_line_with_every_part_of_a_price_has_room_in_its_event(ledger: Rehearsal) -> None:
    buckets = "searches", "images", "characters", "requests", "audio_milliseconds"
    tiers = [{"bucket": bucket, "mode": "graduated", "basis": "period", "steps": TWO_STEPS} for bucket in buckets]
    window = {"from": "00:00", "to": "23:59:59", "per_million": {"input": "1"}}
    publish(ledger, "acme/all", per_million={"input": "2"}, tiers=tiers, windows=[window])
    used = {"input_tokens": 2**40} | dict.fromkeys(buckets, 2**40)
    record(ledger, *({"id": f"{n:0128}", "model": "acme/all", "usage": used} for n in range(1_000)))
    sizes = ledger.sizes(ACCOUNT)[2:]
    assert len(sizes) > 1
    assert max(sizes) < 256 * 1024


def test_prices_with_as_many_numbers_as_they_may_have_fit_their_events(ledger: Rehearsal) -> None:
    steps = [
        *({"up_to": n, "flat": "9000.000000000000001", "unit": "9000"} for n in range(10**9, 10**9 + 99)),
        {"unit": "1"},
    ]
    tiers = [{"bucket": "audio_milliseconds", "mode": "graduated", "steps": steps}]
    for number in range(30):
        for price_list in ("sell", "cost"):
            publish(ledger, f"acme/m{number}{'x' * 100}", price_list, f"{price_list}{'v' * 100}", tiers=tiers)
    used = {"audio_milliseconds": 5}
    items = [{"id": f"a{n}", "model": f"acme/m{n % 30}{'x' * 100}", "usage": used} for n in range(300)]
    record(ledger, *items)
    sizes = ledger.sizes(ACCOUNT)[2:]
    assert len(sizes) > 1
    assert max(sizes) < 256 * 1024
    assert len(lines(ledger)) == 300


@pytest.mark.rule("P5")
@pytest.mark.rule("U8")
def test_what_costs_a_fee_is_not_counted_in_the_month_of_a_price(ledger: Rehearsal) -> None:
    by_period(ledger)
    ledger.given(ChangeBillingMode("ws", "byok", "own key"), SetPricingPolicy("acc", byok_fee_per_request="0.002"))
    fallback = {"fallback_from": "a1", "credential": "platform"}
    own, first = record(ledger, searches(8, "a1"), searches(4, "a2", **fallback))
    (second,) = record(ledger, searches(4, "a3", **fallback))
    assert [each["charged"] for each in (own, first, second)] == ["0.002", "0.04", "0.04"]
