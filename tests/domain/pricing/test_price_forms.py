"""What quantities come to by every form of price (P5, P6, P7). The expected amount stands last."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.rated import AT, SEARCHES, charged, choice_of, rated
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed

HOUR = 3_600_000_000


def steps(mode: str, *each: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"tiers": [{"bucket": SEARCHES, "mode": mode, "steps": list(each), **fields}]}


FLAT_THEN_UNITS = steps(
    "graduated",
    {"up_to": 5, "flat": "100"},
    {"up_to": 10, "flat": "50"},
    {"up_to": 15, "unit": "5"},
    {"unit": "1"},
)
BOTH = steps(
    "graduated",
    {"up_to": 10, "flat": "2", "unit": "10"},
    {"up_to": 20, "flat": "3", "unit": "5"},
    {"flat": "3", "unit": "5"},
)
BLOCKS = [{"up_to": 10, "unit": "1.5"}, {"up_to": 110, "unit": "1"}, {"unit": "0.5"}]
VOLUME = steps("volume", {"up_to": 15, "unit": "10"}, {"unit": "5"})
VOLUME_WITH_FLAT = steps("volume", {"up_to": 15, "flat": "7", "unit": "10"}, {"flat": "9", "unit": "5"})


def package(**fields: Any) -> dict[str, Any]:
    return {"tiers": [{"bucket": SEARCHES, "size": 10, "price": "100", **fields}]}


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("price", "quantity", "amount"),
    [
        (FLAT_THEN_UNITS, 22, "182.00"),
        (FLAT_THEN_UNITS, 1, "100.00"),
        (FLAT_THEN_UNITS, 5, "100.00"),
        (FLAT_THEN_UNITS, 6, "150.00"),
        (FLAT_THEN_UNITS, 0, "0.00"),
        (BOTH, 1, "12.00"),
        (BOTH, 10, "102.00"),
        (BOTH, 11, "110.00"),
        (BOTH, 12, "115.00"),
        (BOTH, 21, "163.00"),
        (steps("graduated", *BLOCKS), 111, "115.50"),
        (steps("volume", *BLOCKS), 111, "55.50"),
        (VOLUME, 0, "0.00"),
        (VOLUME, 15, "150.00"),
        (VOLUME, 16, "80.00"),
        (VOLUME, 100, "500.00"),
        (VOLUME_WITH_FLAT, 0, "0.00"),
        (VOLUME_WITH_FLAT, 15, "157.00"),
        (VOLUME_WITH_FLAT, 16, "89.00"),
        (package(), 0, "0.00"),
        (package(), 1, "100.00"),
        (package(), 10, "100.00"),
        (package(), 121, "1300.00"),
        (package(free=10), 121, "1200.00"),
        (package(free=200), 121, "0.00"),
    ],
)
def test_tiers_and_packages(price: dict[str, Any], quantity: int, amount: str) -> None:
    assert charged(choice_of(**price), searches=quantity) == amount


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("price", "before", "quantity", "amount"),
    [
        (steps("graduated", *BLOCKS, basis="period"), 0, 10, "15.00"),
        (steps("graduated", *BLOCKS, basis="period"), 9, 2, "2.50"),
        (steps("graduated", *BLOCKS, basis="period"), 10, 1, "1.00"),
        (steps("graduated", *BLOCKS, basis="period"), 1_000, 2, "1.00"),
        (package(basis="period"), 9, 1, "0.00"),
        (package(basis="period"), 10, 1, "100.00"),
        (package(basis="period", free=5), 0, 5, "0.00"),
        (package(basis="period", free=5), 5, 1, "100.00"),
    ],
)
def test_a_period_goes_on_from_what_there_was_before(
    price: dict[str, Any], before: int, quantity: int, amount: str
) -> None:
    assert charged(choice_of(**price), before={SEARCHES: before}, searches=quantity) == amount


@pytest.mark.rule("P5")
@given(st.lists(st.integers(0, 300), max_size=8))
def test_the_lines_of_a_period_come_to_what_their_sum_comes_to(quantities: list[int]) -> None:
    by_period = choice_of(**steps("graduated", *BLOCKS, basis="period"))
    amounts = [
        rated(by_period, {SEARCHES: sum(quantities[:place])}, searches=quantity)[0]
        for place, quantity in enumerate(quantities)
    ]
    at_once = choice_of(**steps("graduated", *BLOCKS))
    assert sum(amounts) == rated(at_once, searches=sum(quantities))[0]


@pytest.mark.rule("P5")
@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5),
    st.integers(0, 120),
)
def test_graduated_tiers_come_to_what_counting_unit_by_unit_comes_to(
    widths: list[tuple[int, int, int]], quantity: int
) -> None:
    bounds = [sum(width for width, _, _ in widths[: place + 1]) for place in range(len(widths))]
    texts = [
        {"up_to": bound, "flat": str(flat), "unit": str(unit)}
        for bound, (_, flat, unit) in zip(bounds, widths, strict=True)
    ]
    del texts[-1]["up_to"]
    choice = choice_of(**steps("graduated", *texts))
    assert rated(choice, searches=quantity)[0] == 10**9 * _counted_one_by_one(bounds, widths, quantity)


def _counted_one_by_one(bounds: list[int], widths: list[tuple[int, int, int]], quantity: int) -> int:
    """Deliberately simple: each unit finds its tier, and its tier's flat fee is paid with the first of them."""
    paid, amount = set[int](), 0
    for unit in range(1, quantity + 1):
        tier = next((place for place, bound in enumerate(bounds[:-1]) if unit <= bound), len(bounds) - 1)
        amount += widths[tier][2] + (0 if tier in paid else widths[tier][1])
        paid.add(tier)
    return amount


@pytest.mark.rule("P5")
def test_forms_of_several_buckets_add_up_and_the_request_is_paid_once() -> None:
    choice = choice_of(per_million={"input": "1"}, per_unit={"images": "0.5"}, per_request="0.25", **VOLUME)
    assert charged(choice, input=1_000_000, images=2, searches=2) == "22.25"


@pytest.mark.rule("U11")
def test_a_bucket_without_a_price_leaves_a_tiered_line_unpriced() -> None:
    assert rated(choice_of(**VOLUME), searches=1, images=1)[:2] == (0, "bucket_unpriced")


@pytest.mark.rule("U11")
@pytest.mark.parametrize(
    ("counts", "outcome"), [({"searches": 121}, "price_zero"), ({"searches": 0}, "no_usage"), ({}, "no_usage")]
)
def test_a_form_may_come_to_nothing(counts: dict[str, int], outcome: str) -> None:
    assert rated(choice_of(**package(free=200)), **counts)[:2] == (0, outcome)


LONG = {
    "per_million": {"input": "2", "cache_read": "0.2", "output": "8"},
    "thresholds": [{"over": 200_000, "per_million": {"input": "4", "cache_read": "0.4", "output": "12"}}],
}
THREE = {
    "per_million": {"input": "1", "cache_read": "1", "cache_write_5m": "1", "cache_write_1h": "1", "output": "1"},
    "thresholds": [
        {
            "over": over,
            "per_million": dict.fromkeys(("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"), price),
        }
        for over, price in ((100, "3"), (10, "2"))
    ],
}


@pytest.mark.rule("P6")
@pytest.mark.parametrize(
    ("price", "counts", "amount"),
    [
        (LONG, {"input": 200_000, "output": 1_000}, "0.408"),
        (LONG, {"input": 200_001, "output": 1_000}, "0.812004"),
        (LONG, {"input": 1, "cache_read": 200_000, "output": 1_000}, "0.092004"),
        (LONG, {"input": 1, "output": 10**6}, "8.000002"),
        (THREE, {"input": 10}, "0.00001"),
        (THREE, {"input": 11}, "0.000022"),
        (THREE, {"input": 101}, "0.000303"),
        (THREE, {"cache_write_5m": 5, "cache_write_1h": 6}, "0.000022"),
        (THREE, {"output": 1_000}, "0.001"),
    ],
)
def test_a_context_threshold_reprices_every_bucket_and_the_highest_one_wins(
    price: dict[str, Any], counts: dict[str, int], amount: str
) -> None:
    assert charged(choice_of(**price), **counts) == amount


OFF_PEAK = {
    "per_million": {"input": "4"},
    "windows": [
        {
            "from": "16:30",
            "to": "00:30",
            "per_million": {"input": "1"},
            "thresholds": [{"over": 10**6, "per_million": {"input": "2"}}],
        },
        {"from": "11:00", "to": "12:00:00", "per_million": {"input": "3"}},
    ],
}


@pytest.mark.rule("P7")
@pytest.mark.parametrize(
    ("hours", "tokens", "amount"),
    [
        (0, 10**6, "4.00"),
        (-1, 10**6, "3.00"),
        (4.5, 10**6, "1.00"),
        (4.5, 2 * 10**6, "4.00"),
        (12, 10**6, "1.00"),
        (12.5, 10**6, "4.00"),
        (-11.75, 10**6, "1.00"),
        (4.4999, 10**6, "4.00"),
    ],
)
def test_a_time_window_replaces_the_base_thresholds_included(hours: float, tokens: int, amount: str) -> None:
    choice = choice_of(at=AT + int(hours * HOUR), **OFF_PEAK)
    assert charged(choice, input=tokens) == amount


@pytest.mark.rule("P7")
def test_a_choice_holds_as_long_as_its_window_does() -> None:
    morning, base, evening = (choice_of(at=AT + hours * HOUR, **OFF_PEAK) for hours in (-1, 0, 12))
    assert (morning.holds_from, morning.holds_to) == (AT - HOUR, AT)
    assert (base.holds_from, base.holds_to) == (AT, AT + 4.5 * HOUR)
    assert (evening.holds_from, evening.holds_to) == (AT + 4.5 * HOUR, AT + 12.5 * HOUR)


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("reported", "amount", "outcome"),
    [
        (150_000_000_000_000, 150_000_000, "charged"),
        (1_500_000, 2, "charged"),
        (0, 0, "price_zero"),
        (1, 0, "rounds_to_zero"),
        (None, 0, "no_reported_cost"),
    ],
)
def test_the_reported_cost_is_the_price(reported: int | None, amount: int, outcome: str) -> None:
    choice = choice_of(reported_cost=True)
    assert rated(choice, reported=reported, input=5, images=1) == (amount, outcome, None)


@pytest.mark.parametrize(
    ("price", "counts", "detail"),
    [
        ({"per_million": {"input": "1"}}, {"input": 1}, None),
        (LONG, {"input": 1}, None),
        (LONG, {"input": 200_001}, RatingDetail(threshold_over=200_000)),
        (BOTH, {"searches": 10}, RatingDetail(tiers=(TierUsed(SEARCHES, None, 0),))),
        (BOTH, {"searches": 11}, RatingDetail(tiers=(TierUsed(SEARCHES, None, 1),))),
        (package(basis="period"), {"searches": 3}, RatingDetail(tiers=(TierUsed(SEARCHES, 7, None),))),
        (steps("graduated", *BLOCKS, basis="period"), {"searches": 4}, RatingDetail(tiers=(TierUsed(SEARCHES, 7, 1),))),
        (OFF_PEAK, {"input": 1}, None),
    ],
)
def test_a_line_says_which_parts_of_its_price_it_met(
    price: dict[str, Any], counts: dict[str, int], detail: RatingDetail | None
) -> None:
    assert rated(choice_of(**price), {SEARCHES: 7}, **counts)[2] == detail


def test_a_line_says_in_which_window_it_was() -> None:
    choice = choice_of(at=AT + 6 * HOUR, **OFF_PEAK)
    assert rated(choice, input=1)[2] == RatingDetail(window_from_s=59_400, window_to_s=1_800)
