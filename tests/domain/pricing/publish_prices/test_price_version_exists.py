"""A version is immutable: its name is taken once per model (P1)."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.pricing.commands import PriceText, PublishPrices

pytestmark = pytest.mark.rule("P1")


def publish(version: str, model: str, price: str = "1") -> PublishPrices:
    return PublishPrices(
        version=version,
        model=model,
        list="sell",
        currency="USD",
        price=PriceText(per_million={"input": price}),
        reason="launch",
    )


def test_a_version_of_the_model_is_not_published_twice(given: Given, when: When, then: Then) -> None:
    given(publish("v1", "acme/small"))
    when(publish("v1", "acme/small", price="2"))
    then.refused("price_version_exists")


@pytest.mark.parametrize(("version", "model"), [("v2", "acme/small"), ("v1", "acme/large")])
def test_another_version_or_model_is_free(given: Given, when: When, then: Then, version: str, model: str) -> None:
    given(publish("v1", "acme/small"))
    when(publish(version, model))
    then.accepted()
