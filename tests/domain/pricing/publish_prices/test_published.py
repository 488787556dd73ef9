"""A price version is recorded in exact integers (P1, M6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.pricing.commands import PriceText, PublishPrices
from usage_ledger.pricing.events import Price, PriceVersionPublished
from usage_ledger.pricing.price_form import UnitPrice


def publish(**fields: Any) -> PublishPrices:
    plain = {
        "version": "v1",
        "model": "acme/small",
        "list": "sell",
        "currency": "USD",
        "price": PriceText(per_million={"output": "2", "input": "1"}, per_unit={"images": "0.04"}, per_request="0.001"),
        "reason": "launch",
    }
    return PublishPrices(**plain | fields)


@pytest.mark.rule("P1")
def test_a_version_is_recorded_on_its_models_stream(when: When, then: Then) -> None:
    happened = when(publish(provider="acme", effective_from=NOON - DAY, effective_to=NOON + DAY))
    recorded = then.recorded(PriceVersionPublished)
    assert [stream for stream, _ in happened.recorded] == ["platform/price-acme/small"]
    assert recorded == PriceVersionPublished(
        version="v1",
        model="acme/small",
        provider="acme",
        list="sell",
        currency="USD",
        account_tenant=None,
        account_id=None,
        effective_from=NOON - DAY,
        effective_to=NOON + DAY,
        price=Price(
            (
                UnitPrice("images", 40_000_000_000_000),
                UnitPrice("input", 1_000_000_000),
                UnitPrice("output", 2_000_000_000),
            ),
            per_request_femto=1_000_000_000_000,
            rounded_at_import=False,
        ),
        reason="launch",
    )


@pytest.mark.rule("P1")
def test_without_effective_from_it_holds_from_now_on(when: When, then: Then) -> None:
    when(publish(), at=NOON + 5)
    assert then.recorded(PriceVersionPublished).effective_from == NOON + 5


@pytest.mark.rule("P2")
def test_an_override_names_the_account_of_the_tenant_it_is_decided_for(given: Given, when: When, then: Then) -> None:
    given(OpenAccount("main", "org", "USD"), tenant="umbrella")
    when(publish(account_id="main"), tenant="umbrella")
    recorded = then.recorded(PriceVersionPublished)
    assert (recorded.account_tenant, recorded.account_id) == ("umbrella", "main")


@pytest.mark.rule("A5")
def test_an_account_that_nobody_opened_gets_no_price(given: Given, when: When, then: Then) -> None:
    given(OpenAccount("main", "org", "USD"), tenant="umbrella")
    when(publish(account_id="main"), tenant="acme")
    then.refused("account_not_found")


@pytest.mark.rule("M6")
def test_text_beyond_fifteen_decimals_is_rounded_and_says_so(when: When, then: Then) -> None:
    when(publish(price=PriceText(per_million={"input": "0.0000000015"})))
    assert then.accepted().rounded_at_import
    price = then.recorded(PriceVersionPublished).price
    assert (price.unit_prices, price.rounded_at_import) == ((UnitPrice("input", 2),), True)


@pytest.mark.rule("P2")
def test_a_published_price_is_known_to_the_price_book(given: Given, ledger: LedgerInMemory) -> None:
    given(publish())
    choice = ledger.facts.prices.choose("acme/small", None, "USD", None, NOON)
    assert choice.charge is not None
    assert choice.charge.published.version == "v1"


def test_a_free_price_is_a_price(when: When, then: Then) -> None:
    when(publish(price=PriceText(per_million={"input": "0"})))
    assert then.recorded(PriceVersionPublished).price.unit_prices == (UnitPrice("input", 0),)
