"""A price arrives for lines that had none: suspense is closed and the charge posted, once a line (U11, U12)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.corrections.corrected import corrected
from domain.quarantine.books import NANO, balances, charges, holder_of, lines_now, rated
from domain.rehearsal import DAY, Rehearsal
from domain.usage.metered_ledger import ACCOUNT, price, record, send
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.events import LineBefore, SuspendedUsageRated, UsageRecorded
from usage_ledger.accounts.journal import JournalEntry, JournalLine
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.pricing.commands import (
    MapModel,
    MarginText,
    PriceText,
    PublishPrices,
    SetPricingPolicy,
    StepText,
    TierText,
    WithdrawPrice,
)
from usage_ledger.pricing.events import Margin, PriceDetail
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed
from usage_ledger.usage.commands import RateSuspendedUsage
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

NEW: dict[str, Any] = {"model": "acme/new"}
REPORTED: dict[str, Any] = {"reported_cost": {"amount": "0.80", "currency": "USD"}}


def publish(ledger: Rehearsal, version: str = "new-1", input_price: str = "1", **fields: Any) -> None:
    fields = {"effective_from": 0} | fields
    tenant = "t1" if "account_id" in fields else "platform"
    ledger.given(price("acme/new", version, {"input": input_price, "output": "2"}, **fields), tenant=tenant)


@pytest.mark.rule("U12")
def test_suspense_is_closed_and_the_charge_posted(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | REPORTED)
    publish(ledger)
    reactor.react()
    (event,) = rated(ledger)
    assert (event.account_id, event.currency, event.charged, event.balance_after) == ("acc", "USD", NANO, 9 * NANO)
    assert event.entries == (
        JournalEntry("usage", (JournalLine(2000, "debit", NANO, "lot-2"), JournalLine(4010, "credit", NANO))),
        JournalEntry(
            "suspense_closed", (JournalLine(1900, "credit", 8 * 10**8), JournalLine(2900, "debit", 8 * 10**8))
        ),
    )
    assert balances(ledger) == {1000: 10 * NANO, 2000: -9 * NANO, 4010: -NANO, 1900: 0, 2900: 0}


def test_the_event_says_what_the_line_is_and_what_it_was(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | REPORTED)
    (row,) = ledger.store.attempts.values()
    publish(ledger)
    reactor.react()
    (event,) = rated(ledger)
    (line,) = event.lines
    assert event.before == (LineBefore("no_price", 8 * 10**8, row.position),)
    assert (line.outcome, line.charged, line.provider_cost) == ("charged", NANO, 8 * 10**8)
    assert line.detail is not None
    assert (line.detail.source, line.detail.suspense) == ("gw", None)
    used = event.prices[line.price].charge
    assert used is not None
    assert used.version == "new-1"
    assert event.decisions[line.decision].payer == "acc"


def test_the_index_names_the_event_and_nothing_is_suspended_any_more(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW)
    assert isinstance(holder_of(ledger, "a1"), UsageRecorded)
    assert len(ledger.store.suspended) == 1
    publish(ledger)
    reactor.react()
    assert isinstance(holder_of(ledger, "a1"), SuspendedUsageRated)
    assert ledger.store.suspended == {}


def test_without_a_reported_cost_only_the_charge_is_posted(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    publish(ledger)
    reactor.react()
    (event,) = rated(ledger)
    assert [entry.type for entry in event.entries] == ["usage"]


def test_a_price_of_zero_closes_suspense_and_charges_nothing(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | REPORTED, NEW | {"id": "a2"})
    publish(ledger, input_price="0")
    reactor.react()
    (event,) = rated(ledger)
    assert [entry.type for entry in event.entries] == ["suspense_closed"]
    assert [line.outcome for line in event.lines] == ["price_zero", "price_zero"]
    assert ledger.store.suspended == {}


def test_reacting_again_rates_nothing_again(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW, NEW | {"id": "a2"})
    publish(ledger)
    reactor.react()
    reactor.forget()
    reactor.react()
    assert charges(ledger) == {"a1": NANO, "a2": NANO}


def test_what_another_command_names_again_is_not_rated_again(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    keys = tuple(ledger.store.attempts)
    publish(ledger)
    reactor.react()
    (outcome,) = reactor.append(RateSuspendedUsage("acc", keys))
    assert (outcome.outcome, outcome.replayed) == ("accepted", False)
    assert charges(ledger) == {"a1": NANO}
    assert len(rated(ledger)) == 1


def test_a_later_price_re_rates_nothing(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    publish(ledger)
    reactor.react()
    publish(ledger, "new-2", "7")
    reactor.react()
    assert charges(ledger) == {"a1": NANO}


def test_two_prices_before_the_reaction_charge_once_and_by_the_later(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW)
    publish(ledger)
    publish(ledger, "new-2", "7")
    reactor.react()
    assert charges(ledger) == {"a1": 7 * NANO}


@pytest.mark.parametrize(
    "fields",
    [
        {"effective_from": 2**60},
        {"effective_to": 1},
        {"currency": "EUR"},
        {"list": "cost"},
        {"account_id": "other"},
        {"provider": "other"},
    ],
)
def test_a_price_that_does_not_cover_the_line_leaves_it_in_suspense(
    ledger: Rehearsal, reactor: ReactorInMemory, fields: dict[str, Any]
) -> None:
    ledger.given(OpenAccount("other", "org", "USD"))
    record(ledger, NEW | REPORTED | {"provider": "acme"})
    publish(ledger, **fields)
    reactor.react()
    assert rated(ledger) == []
    assert len(ledger.store.suspended) == 1
    assert balances(ledger)[1900] == 8 * 10**8


def test_a_price_for_the_account_alone_rates_its_lines_alone(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    ledger.given(OpenAccount("other", "org", "USD"), RegisterWorkspace("ws2", account_id="other"))
    record(ledger, NEW, NEW | {"id": "a2", "workspace_id": "ws2"})
    publish(ledger, account_id="acc")
    reactor.react()
    assert charges(ledger) == {"a1": NANO}
    assert rated(ledger, "t1/account-other") == []


def test_a_bucket_without_a_price_keeps_the_line_in_suspense_until_it_has_one(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW | {"usage": {"input_tokens": 1_000_000, "images": 1}})
    publish(ledger)
    reactor.react()
    assert lines_now(ledger)["a1"].outcome == "no_price"
    ledger.given(price("acme/new", "new-2", {"input": "1", "images": "1000000"}, effective_from=0), tenant="platform")
    reactor.react()
    assert charges(ledger) == {"a1": 2 * NANO}


def test_the_price_is_that_of_the_usages_own_time(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    at = ledger.now
    record(ledger, NEW | {"occurred_at": at}, NEW | {"id": "a2", "occurred_at": at + 1})
    publish(ledger, "early", "1", effective_to=at + 1)
    publish(ledger, "late", "3", effective_from=at + 1)
    reactor.react()
    assert charges(ledger) == {"a1": NANO, "a2": 3 * NANO}


def test_each_account_pays_its_own_lines(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    for tenant in ("t2", "t3"):
        ledger.given(OpenAccount("acc", "org", "USD"), RegisterWorkspace("ws", account_id="acc"), tenant=tenant)
        send(ledger, NEW, tenant=tenant)
    ledger.given(OpenAccount("other", "org", "USD"), RegisterWorkspace("ws2", account_id="other"))
    record(ledger, NEW | {"id": "a1"}, NEW | {"id": "a2", "workspace_id": "ws2"}, NEW | {"id": "a3"})
    publish(ledger)
    reactor.react()
    streams = (ACCOUNT, "t1/account-other", "t2/account-acc", "t3/account-acc")
    assert [dict(charges(ledger, stream)) for stream in streams] == [
        {"a1": NANO, "a3": NANO},
        {"a2": NANO},
        {"a1": NANO},
        {"a1": NANO},
    ]
    assert len(rated(ledger)) == 1


def test_lots_burn_as_they_are_when_the_price_arrives(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"id": "large", "usage": {"input_tokens": 12_000_000}}, NEW | {"id": "small"})
    ledger.given(RecordPurchase("acc", "5.00", "card/p2"))
    publish(ledger)
    reactor.react()
    (event,) = rated(ledger)
    assert event.balance_after == 2 * NANO
    assert [(part.first_line, part.last_line, part.lot, part.amount) for part in event.allocations] == [
        (0, 0, "lot-2", 10 * NANO),
        (0, 1, "lot-4", 3 * NANO),
    ]


def test_usage_is_never_refused_for_lack_of_credit(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"usage": {"input_tokens": 25_000_000}})
    publish(ledger)
    reactor.react()
    assert rated(ledger)[0].balance_after == -15 * NANO


def test_the_platforms_own_usage_is_its_expense(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    ledger.given(
        OpenAccount("demo", "platform_service", "USD", tier="demo"), RegisterWorkspace("ws2", account_id="demo")
    )
    record(ledger, NEW | {"workspace_id": "ws2"})
    publish(ledger)
    reactor.react()
    assert balances(ledger, "t1/account-demo") == {5200: NANO, 4900: -NANO}


def test_an_amount_beyond_64_bits_leaves_its_line_alone_in_suspense(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW | {"usage": {"input_tokens": 2**62}}, NEW | {"id": "a2"})
    publish(ledger)
    reactor.react()
    assert charges(ledger)["a2"] == NANO
    assert lines_now(ledger)["a1"].outcome == "no_price"
    assert len(ledger.store.suspended) == 1


def test_metered_usage_waits_for_no_price(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "own key"))
    record(ledger, NEW | REPORTED)
    assert ledger.store.suspended == {}


def test_more_than_a_batch_is_rated_in_several(
    ledger: Rehearsal, reactor: ReactorInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_ledger.reacting.reactions.BATCH_ATTEMPTS", 3)
    ids = [f"a{n}" for n in range(10)]
    send(ledger, *(NEW | {"id": name} for name in ids))
    publish(ledger)
    reactor.react()
    assert charges(ledger) == dict.fromkeys(ids, NANO)
    assert len(rated(ledger)) == 4


def test_no_event_is_too_large(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    tags = {f"t{n}": "ü" * 256 for n in range(16)}
    for n in range(4):
        send(ledger, *(NEW | {"id": f"a{n}-{m}", "tags": tags} for m in range(50)))
    publish(ledger)
    reactor.react()
    assert len(rated(ledger)) > 1
    assert max(ledger.sizes(ACCOUNT)) < 256 * 1024
    assert set(charges(ledger).values()) == {NANO}


def test_the_next_charge_finds_what_the_rating_left(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | REPORTED)
    publish(ledger)
    reactor.react()
    record(ledger, {"id": "next"})
    assert ledger.events(ACCOUNT)[-1].balance_after == 8 * NANO  # type: ignore[attr-defined]
    assert balances(ledger)[2000] == -8 * NANO


def margin(value: str = "1.5", **fields: Any) -> SetPricingPolicy:
    return SetPricingPolicy(margin=MarginText("multiplier", value), **fields)


def cost_price(ledger: Rehearsal, **fields: Any) -> None:
    publish(ledger, "cost-1", "2", list="cost", **fields)


@pytest.mark.rule("U12")
@pytest.mark.parametrize("margin_first", [True, False])
def test_a_cost_price_and_a_margin_rate_it_in_whichever_order_they_come(
    ledger: Rehearsal, reactor: ReactorInMemory, margin_first: bool
) -> None:
    record(ledger, NEW | REPORTED)
    for is_margin in (margin_first, not margin_first):
        if is_margin:
            ledger.given(margin(), tenant="platform")
        else:
            cost_price(ledger)
        reactor.react()
    assert charges(ledger) == {"a1": 3 * NANO}
    (event,) = rated(ledger)
    detail = event.prices[0].detail
    assert detail is not None
    assert detail.margin == Margin("multiplier", "1.5")


@pytest.mark.rule("U12")
@pytest.mark.parametrize(
    ("fields", "is_rated"),
    [
        ({}, True),
        ({"model": "acme/*"}, True),
        ({"model": "acme/new"}, True),
        ({"model": "acme/old"}, False),
        ({"model": "other/*"}, False),
        ({"account_id": "acc"}, True),
        ({"account_id": "other"}, False),
    ],
)
def test_a_margin_rates_the_lines_of_its_own_scope(
    ledger: Rehearsal, reactor: ReactorInMemory, fields: dict[str, Any], is_rated: bool
) -> None:
    ledger.given(OpenAccount("other", "org", "USD"))
    record(ledger, NEW)
    cost_price(ledger)
    ledger.given(margin(**fields), tenant="t1" if "account_id" in fields else "platform")
    reactor.react()
    assert [event.charged for event in rated(ledger)] == [3 * NANO] * is_rated


@pytest.mark.rule("U12")
def test_a_policy_without_a_margin_rates_nothing(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    cost_price(ledger)
    reactor.react()
    ledger.given(SetPricingPolicy(minimum_charge="1.00"), tenant="platform")
    assert reactor.react() == []
    assert rated(ledger) == []


@pytest.mark.rule("P4")
@pytest.mark.rule("U12")
@pytest.mark.parametrize("price_first", [True, False])
def test_an_alias_and_a_price_rate_it_in_whichever_order_they_come(
    ledger: Rehearsal, reactor: ReactorInMemory, price_first: bool
) -> None:
    record(ledger, {"model": "acme/latest"})
    for is_price in (price_first, not price_first):
        if is_price:
            publish(ledger)
        else:
            ledger.given(MapModel("acme/middle", "acme/new"), MapModel("acme/latest", "acme/middle"), tenant="platform")
        reactor.react()
    assert charges(ledger) == {"a1": NANO}
    (event,) = rated(ledger)
    assert event.prices[0].model == "acme/new"
    assert event.prices[0].detail == PriceDetail(mapped_from="acme/latest")


@pytest.mark.rule("P4")
@pytest.mark.parametrize("price_first", [True, False])
def test_a_mapping_and_a_price_reach_lines_through_every_name_before_it(
    ledger: Rehearsal, reactor: ReactorInMemory, price_first: bool
) -> None:
    record(ledger, {"model": "acme/latest"})
    ledger.given(MapModel("acme/latest", "acme/middle"), tenant="platform")
    reactor.react()
    for is_price in (price_first, not price_first):
        if is_price:
            publish(ledger)
        else:
            ledger.given(MapModel("acme/middle", "acme/new"), tenant="platform")
        reactor.react()
    assert charges(ledger) == {"a1": NANO}


@pytest.mark.rule("P4")
def test_a_line_waits_under_the_name_that_answered_wherever_that_name_leads_to(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    ledger.given(MapModel("acme/latest", "acme/old"), tenant="platform")
    record(ledger, {"model": "acme/latest"})
    ledger.given(MapModel("acme/latest", "acme/new", effective_from=0), tenant="platform")
    publish(ledger)
    reactor.react()
    assert charges(ledger) == {"a1": NANO}


@pytest.mark.rule("P3")
def test_withdrawing_a_version_without_a_price_for_a_bucket_rates_by_the_one_before(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    publish(ledger)
    ledger.given(price("acme/new", "holed", {"output": "2"}, effective_from=0), tenant="platform")
    record(ledger, NEW)
    reactor.react()
    assert rated(ledger) == []
    ledger.given(WithdrawPrice("holed", "no price for input"), tenant="platform")
    reactor.react()
    assert charges(ledger) == {"a1": NANO}


@pytest.mark.rule("U12")
def test_the_reported_cost_of_then_is_the_price_when_a_margin_comes(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW | REPORTED, NEW | {"id": "without"})
    plus = PublishPrices(
        "plus", "acme/new", "cost", "USD", PriceText(reported_cost=True), "cost plus", effective_from=0
    )
    ledger.given(plus, margin(), tenant="platform")
    reactor.react()
    assert [event.charged for event in rated(ledger)] == [12 * 10**8]
    assert lines_now(ledger)["without"].outcome == "no_price"


def test_what_a_line_met_of_its_price_is_said_when_it_is_rated(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"usage": {"searches": 3}}, NEW | {"id": "a2", "usage": {"searches": 4}})
    steps = (StepText(up_to=5, unit="1"), StepText(unit="0.5"))
    tiers = (TierText("searches", "graduated", "period", steps),)
    tiered = PublishPrices("t", "acme/new", "sell", "USD", PriceText(tiers=tiers), "r", effective_from=0)
    ledger.given(tiered, tenant="platform")
    reactor.react()
    assert charges(ledger) == {"a1": 3 * NANO, "a2": 3 * NANO}
    said = [line.detail and line.detail.rating for line in rated(ledger)[0].lines]
    assert said == [
        RatingDetail(tiers=(TierUsed("searches", 0, 0),)),
        RatingDetail(tiers=(TierUsed("searches", 3, 1),)),
    ]


@pytest.mark.rule("L4")
def test_a_rating_that_takes_the_last_credit_says_so(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"usage": {"input_tokens": 11_000_000}})
    publish(ledger)
    reactor.react()
    assert isinstance(ledger.events(ACCOUNT)[-1], CreditsExhausted)


@pytest.mark.rule("C6")
def test_credit_that_has_expired_does_not_pay_for_it(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    gift = GrantCredits("acc", "5.00", "promo", "r", priority=1, expires_at=ledger.now + DAY)
    ledger.given(gift)
    record(ledger, NEW)
    ledger.wait(DAY)
    publish(ledger)
    reactor.react()
    names = [type(event).__name__ for event in ledger.events(ACCOUNT)]
    assert names[-2:] == ["CreditsExpired", "SuspendedUsageRated"]
    assert rated(ledger)[0].balance_after == 9 * NANO


@pytest.mark.rule("U12")
@pytest.mark.rule("U16")
def test_a_line_that_was_corrected_while_it_waited_is_charged_once_beside_its_neighbour(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW, NEW | {"id": "a2"})
    corrected(ledger, "a1", usage={"input_tokens": 3_000_000})
    publish(ledger)
    reactor.react()
    assert charges(ledger) == {"a1": 3 * NANO, "a2": NANO}
    assert balances(ledger)[4010] == -4 * NANO
