"""ImportPrice: a model goes live by itself only when two lists agree (P9)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import NOON, Given, LedgerInMemory, Then, When
from usage_ledger.pricing.commands import ImportPrice, PriceText, PublishPrices, WithdrawPrice
from usage_ledger.pricing.events import PriceVersionPublished
from usage_ledger.pricing.import_events import ImportedPrice, PriceImported, PriceParked
from usage_ledger.pricing.price_form import UnitPrice

MODEL = "acme/new"
BOTH = {"input": "1", "output": "4"}


def first(prices: dict[str, str] | None = None, **fields: Any) -> ImportPrice:
    """Of the first-ranked list."""
    return ImportPrice("genai-prices", MODEL, BOTH if prices is None else prices, **fields)


def second(prices: dict[str, str] | None = None, **fields: Any) -> ImportPrice:
    return ImportPrice("litellm", MODEL, BOTH if prices is None else prices, **fields)


@pytest.mark.rule("P9")
def test_one_list_alone_is_parked(when: When, then: Then) -> None:
    happened = when(second(source_digest="0" * 64))
    imported, parked = then.recorded(PriceImported, PriceParked)
    assert imported == PriceImported(
        price_source="litellm",
        source_digest="0" * 64,
        model=MODEL,
        currency="USD",
        effective_from=NOON,
        prices=(
            ImportedPrice("input", "1", 1_000_000_000),
            ImportedPrice("output", "4", 4_000_000_000),
            ImportedPrice("reasoning", "4", 4_000_000_000),
        ),
        rounded_at_import=False,
    )
    assert parked == PriceParked(MODEL, "USD", "single_source")
    assert then.accepted().parked == "single_source"
    assert [stream for stream, _ in happened.recorded] == ["platform/price-acme/new"] * 2


@pytest.mark.rule("P9")
@pytest.mark.parametrize("first_comes_first", [True, False])
def test_two_that_agree_go_live_as_cost_with_the_value_of_the_first_ranked(
    given: Given, when: When, then: Then, ledger: LedgerInMemory, first_comes_first: bool
) -> None:
    imports = [first({"input": "1", "output": "4"}), second({"input": "1.01", "output": "3.96"})]
    before, last = imports if first_comes_first else imports[::-1]
    given(before)
    when(last)
    _, published = then.recorded(PriceImported, PriceVersionPublished)
    assert (published.list, published.price_source, published.effective_from) == ("cost", "genai-prices", NOON)
    assert published.price.unit_prices == (
        UnitPrice("input", 1_000_000_000),
        UnitPrice("output", 4_000_000_000),
        UnitPrice("reasoning", 4_000_000_000),
    )
    assert then.accepted().version == published.version
    cost = ledger.facts.prices.choose(MODEL, None, "USD", None, NOON).cost
    assert cost is not None
    assert cost.published == published


@pytest.mark.rule("P9")
@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ({"input": "1", "output": "1"}, {"input": "0.99", "output": "1"}, True),
        ({"input": "1", "output": "1"}, {"input": "0.989999999", "output": "1"}, False),
        ({"input": "1", "output": "1"}, {"input": "1.010101011", "output": "1"}, False),
        ({"input": "1", "output": "1"}, {"input": "1.010101010", "output": "1"}, True),
        ({"input": "0", "output": "0"}, {"input": "0", "output": "0"}, True),
        ({"input": "0", "output": "1"}, {"input": "0.000000001", "output": "1"}, False),
        ({"input": "1"}, {"input": "1"}, False),
        ({"input": "1", "output": "1"}, {"input": "1"}, False),
        ({"output": "1"}, {"output": "1"}, False),
        (BOTH | {"cache_read": "0.1"}, BOTH | {"cache_read": "0.2"}, False),
        (BOTH | {"cache_read": "0.1"}, BOTH, True),
        (BOTH | {"reasoning": "9"}, BOTH, False),
        (BOTH | {"reasoning": "4"}, BOTH, True),
    ],
)
def test_lists_agree_within_one_percent_of_the_larger(
    given: Given, when: When, then: Then, one: dict[str, str], other: dict[str, str], agree: bool
) -> None:
    given(first(one))
    when(second(other))
    if agree:
        then.recorded(PriceImported, PriceVersionPublished)
    else:
        _, parked = then.recorded(PriceImported, PriceParked)
        assert parked.reason == "disagreement"


@pytest.mark.rule("P9")
def test_a_bucket_that_only_one_list_has_is_left_out(given: Given, when: When, then: Then) -> None:
    given(first(BOTH | {"cache_read": "0.1"}))
    when(second(BOTH | {"images": "5"}))
    _, published = then.recorded(PriceImported, PriceVersionPublished)
    assert [price.bucket for price in published.price.unit_prices] == ["input", "output", "reasoning"]


@pytest.mark.rule("P9")
def test_what_says_the_same_as_before_changes_nothing(given: Given, when: When, then: Then) -> None:
    given(first(), second())
    for again in (first(), second()):
        when(again, at=NOON + 5)
        then.recorded()
        assert (then.accepted().version, then.accepted().parked) == (None, None)


@pytest.mark.rule("P9")
def test_a_change_that_leaves_the_agreed_price_publishes_nothing(given: Given, when: When, then: Then) -> None:
    given(first(), second())
    when(second({"input": "1.005", "output": "4"}))
    then.recorded(PriceImported)


@pytest.mark.rule("P9")
def test_lists_that_part_keep_the_last_price_until_they_meet_again(
    given: Given, when: When, then: Then, ledger: LedgerInMemory
) -> None:
    given(first(), second())
    when(first({"input": "2", "output": "4"}))
    then.recorded(PriceImported, PriceParked)
    cost = ledger.facts.prices.choose(MODEL, None, "USD", None, NOON).cost
    assert cost is not None
    assert cost.published.price.unit_prices[0] == UnitPrice("input", 1_000_000_000)
    when(second({"input": "2", "output": "4"}), at=NOON + 5)
    _, published = then.recorded(PriceImported, PriceVersionPublished)
    assert published.price.unit_prices[0] == UnitPrice("input", 2_000_000_000)


def test_another_time_is_another_statement(given: Given, when: When, then: Then) -> None:
    given(first(effective_from=7), second(effective_from=7))
    when(first(effective_from=9))
    _, published = then.recorded(PriceImported, PriceVersionPublished)
    assert published.effective_from == 9


@pytest.mark.rule("P3")
def test_an_import_that_was_withdrawn_does_not_come_back_by_itself(given: Given, when: When, then: Then) -> None:
    given(first(), second())
    version = "import-3"
    given(WithdrawPrice(version, "wrong"))
    when(second(), at=NOON + 5)
    then.recorded()


def test_a_name_that_an_operator_took_is_left_to_them(given: Given, when: When, then: Then) -> None:
    by_hand = [
        PublishPrices(f"import-{n}", MODEL, "sell", "USD", PriceText(per_request="1"), "by hand") for n in range(1, 9)
    ]
    given(*by_hand, first())
    when(second())
    _, published = then.recorded(PriceImported, PriceVersionPublished)
    assert published.version not in {each.version for each in by_hand}


def test_lists_in_other_currencies_are_not_compared(given: Given, when: When, then: Then) -> None:
    given(first())
    when(second(currency="EUR"))
    _, parked = then.recorded(PriceImported, PriceParked)
    assert (parked.currency, parked.reason) == ("EUR", "single_source")


@pytest.mark.rule("M6")
def test_text_beyond_fifteen_decimals_is_rounded_and_says_so(when: When, then: Then) -> None:
    when(first({"input": "0.0000000015"}))
    imported, _ = then.recorded(PriceImported, PriceParked)
    assert imported.rounded_at_import
    assert imported.prices == (ImportedPrice("input", "0.0000000015", 2),)


@pytest.mark.parametrize(
    ("prices", "code", "pointer"),
    [
        ({}, "invalid_price", "/per_million"),
        ({"input": "-1"}, "invalid_price", "/per_million/input"),
        ({"input": "nan"}, "invalid_price", "/per_million/input"),
        ({"input": "1e-6"}, "invalid_price", "/per_million/input"),
        ({"input": "1000000001"}, "price_absurd", "/per_million/input"),
        ({"tokens": "1"}, "unknown_unit", "/per_million/tokens"),
    ],
)
def test_a_price_that_is_none_is_refused(
    when: When, then: Then, prices: dict[str, str], code: str, pointer: str
) -> None:
    when(first(prices))
    then.invalid(code, pointer)
