"""WithdrawPrice: by the version's name, and its model where several have it (P3)."""

from __future__ import annotations

import pytest

from domain.given import Given, LedgerInMemory, Then, When
from usage_ledger.pricing.commands import PriceText, PublishPrices, WithdrawPrice
from usage_ledger.pricing.events import PriceVersionWithdrawn

SMALL = "acme/small"


def publish(version: str, model: str = SMALL, price: str = "1") -> PublishPrices:
    return PublishPrices(version, model, "sell", "USD", PriceText(per_million={"input": price}), "launch")


@pytest.mark.rule("P3")
def test_a_version_is_withdrawn_by_its_name_alone(given: Given, when: When, then: Then, ledger: LedgerInMemory) -> None:
    given(publish("v1"), publish("v2", price="2"))
    when(WithdrawPrice("v2", "called off"))
    then.accepted()
    assert then.recorded(PriceVersionWithdrawn) == PriceVersionWithdrawn("v2", SMALL, "called off")
    charge = ledger.facts.prices.choose(SMALL, None, "USD", None, ledger.now).charge
    assert charge is not None
    assert charge.published.version == "v1"


@pytest.mark.rule("P3")
def test_of_one_name_for_several_models_the_model_says_which(given: Given, when: When, then: Then) -> None:
    given(publish("2026-03"), publish("2026-03", "acme/large"))
    when(WithdrawPrice("2026-03", "called off"))
    assert then.refused("ambiguous_price_version") == {"models": "acme/large, acme/small"}
    when(WithdrawPrice("2026-03", "called off", "acme/large"))
    assert then.recorded(PriceVersionWithdrawn).model == "acme/large"


@pytest.mark.parametrize("command", [WithdrawPrice("v9", "r"), WithdrawPrice("v1", "r", "acme/other")])
def test_a_version_that_nobody_published_is_not_found(
    given: Given, when: When, then: Then, command: WithdrawPrice
) -> None:
    given(publish("v1"))
    when(command)
    then.refused("price_version_not_found")


def test_what_is_withdrawn_stays_so_and_keeps_its_name(given: Given, when: When, then: Then) -> None:
    given(publish("v1"), WithdrawPrice("v1", "r"))
    when(WithdrawPrice("v1", "r"))
    then.refused("already_withdrawn")
    when(publish("v1"))
    then.refused("price_version_exists")
