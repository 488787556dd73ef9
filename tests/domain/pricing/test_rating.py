"""From counts to an amount, and what the line is called (M4, U8, U11, P5)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.published import MODEL, published
from usage_ledger.money import MAX_NANO
from usage_ledger.pricing.price_book import Choice, PriceBook
from usage_ledger.pricing.rating import provider_cost, rate
from usage_ledger.refusals import Refusal

OMNI = {"input": 2_500_000_000, "cache_read": 1_250_000_000, "output": 10_000_000_000, "images": 40_000_000_000_000}


def choice_of(prices: dict[str, int], per_request: int | None = None, price_list: str = "sell") -> Choice:
    book = PriceBook()
    book.apply(published("v1", prices, per_request=per_request, list=price_list), 0)
    return book.choose(MODEL, None, "USD", None, 100)


@pytest.mark.rule("U11")
@pytest.mark.parametrize(
    ("prices", "per_request", "counts", "others", "charged", "outcome"),
    [
        (OMNI, None, (86, 1920, 300), (), 5_615_000, "charged"),
        (OMNI, None, (0, 0, 0), (("images", 3),), 120_000_000, "charged"),
        (OMNI, 1_000_000_000_000, (0, 0, 0), (), 1_000_000, "charged"),
        (OMNI, None, (0, 0, 0), (), 0, "no_usage"),
        (OMNI, None, (0, 0, 0), (("images", 0),), 0, "no_usage"),
        ({"input": 0, "output": 0}, None, (500, 0, 9), (), 0, "price_zero"),
        ({"input": 0, "images": 0}, None, (0, 0, 0), (("images", 1),), 0, "price_zero"),
        ({"input": 400_000}, None, (1, 0, 0), (), 0, "rounds_to_zero"),
        ({"input": 500_000}, None, (1, 0, 0), (), 0, "rounds_to_zero"),
        ({"input": 500_001}, None, (1, 0, 0), (), 1, "charged"),
        ({"input": 300_000, "output": 300_000}, None, (1, 0, 1), (), 1, "charged"),
        ({"output": 1}, None, (1, 0, 0), (), 0, "bucket_unpriced"),
        ({"input": 1}, None, (9, 1, 0), (), 0, "bucket_unpriced"),
        ({"input": 1}, None, (9, 0, 1), (), 0, "bucket_unpriced"),
        ({"input": 1}, None, (9, 0, 0), (("reasoning", 1),), 0, "bucket_unpriced"),
        ({"input": 1_000_000}, None, (9, 0, 0), (("reasoning", 0),), 9, "charged"),
    ],
)
def test_a_line_is_rated_exactly_and_rounded_once(
    prices: dict[str, int],
    per_request: int | None,
    counts: tuple[int, int, int],
    others: tuple[tuple[str, int], ...],
    charged: int,
    outcome: str,
) -> None:
    assert rate(choice_of(prices, per_request), *counts, others) == (charged, outcome)


@pytest.mark.rule("U11")
def test_without_a_price_the_line_says_why() -> None:
    choice = PriceBook().choose(MODEL, None, "USD", None, 100)
    assert rate(choice, 1, 0, 0) == (0, "no_price")


@pytest.mark.rule("M2")
def test_an_amount_beyond_64_bits_is_refused() -> None:
    choice = choice_of({"input": 1_000_000})
    assert rate(choice, MAX_NANO, 0, 0) == (MAX_NANO, "charged")
    with pytest.raises(Refusal) as refusal:
        rate(choice_of({"input": 2_000_000}), MAX_NANO, 0, 0)
    assert refusal.value.code == "amount_out_of_range"


@pytest.mark.rule("M4")
@given(*[st.integers(0, 10**9)] * 3, *[st.integers(0, 10**12)] * 3)
def test_the_charge_is_the_nearest_amount_to_the_exact_one(
    input_: int, cache_read: int, output: int, input_price: int, cache_read_price: int, output_price: int
) -> None:
    choice = choice_of({"input": input_price, "cache_read": cache_read_price, "output": output_price})
    exact = Fraction(input_ * input_price + cache_read * cache_read_price + output * output_price, 10**6)
    charged, _ = rate(choice, input_, cache_read, output)
    assert charged == round(exact)


@pytest.mark.rule("U8")
@pytest.mark.parametrize(
    ("price_list", "prices", "reported_femto", "cost"),
    [
        ("cost", {"input": 2_000_000}, None, 20),
        ("cost", {"input": 2_000_000}, 7_000_000, 20),
        ("cost", {"output": 2_000_000}, 7_000_000, 7),
        ("cost", {"output": 2_000_000}, None, None),
        ("sell", {"input": 2_000_000}, 7_500_000, 8),
        ("sell", {"input": 2_000_000}, None, None),
    ],
)
def test_the_provider_takes_its_list_price_else_what_was_reported_else_it_is_unknown(
    price_list: str, prices: dict[str, int], reported_femto: int | None, cost: int | None
) -> None:
    choice = choice_of(prices, price_list=price_list)
    assert provider_cost(choice, 10, 0, 0, (), reported_femto) == cost
