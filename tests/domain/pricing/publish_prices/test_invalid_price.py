"""Prices that nothing could be rated by."""

from __future__ import annotations

import pytest

from domain.given import NOON, Then, When
from usage_ledger.pricing.commands import PriceText, PublishPrices


def publish(price: PriceText, effective_from: int | None = None, effective_to: int | None = None) -> PublishPrices:
    return PublishPrices(
        version="v1",
        model="acme/small",
        list="sell",
        currency="USD",
        price=price,
        reason="launch",
        effective_from=effective_from,
        effective_to=effective_to,
    )


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("price", "code", "pointer"),
    [
        (PriceText(), "invalid_price", "/price"),
        (PriceText(per_million={}), "invalid_price", "/price"),
        (PriceText(per_million={"input": ""}), "invalid_price", "/price/per_million/input"),
        (PriceText(per_million={"input": "-1"}), "invalid_price", "/price/per_million/input"),
        (PriceText(per_unit={"input": "99999"}), "invalid_price", "/price/per_unit/input"),
        (PriceText(per_request="free"), "invalid_price", "/price/per_request"),
        (PriceText(per_million={"tokens": "1"}), "unknown_unit", "/price/per_million/tokens"),
        (PriceText(per_million={"input_tokens": "1"}), "unknown_unit", "/price/per_million/input_tokens"),
        (
            PriceText(per_million={"input": "1"}, per_unit={"input": "1"}),
            "invalid_price",
            "/price/per_unit/input",
        ),
    ],
)
def test_the_price_is_invalid(when: When, then: Then, price: PriceText, code: str, pointer: str) -> None:
    when(publish(price))
    then.invalid(code, pointer)


@pytest.mark.rule("P1")
@pytest.mark.parametrize(
    ("effective_from", "effective_to"), [(NOON, NOON), (NOON, NOON - 1), (None, NOON), (None, NOON - 1)]
)
def test_a_version_that_never_holds_is_refused(
    when: When, then: Then, effective_from: int | None, effective_to: int
) -> None:
    when(publish(PriceText(per_million={"input": "1"}), effective_from, effective_to), at=NOON)
    then.refused("invalid_price")
