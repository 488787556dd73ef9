"""Alerts: once a budget, window and threshold, when spend goes from below to at or above (L3), in the order of L5."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.limits.spending import DAY, NOON, USD, Spending
from domain.corrections.corrected import corrected
from domain.usage.metered_ledger import price
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.limits.events import BudgetThresholdCrossed


@pytest.mark.rule("L3")
def test_alerts_fire_once_per_transition(spending: Spending) -> None:
    spending.budget("soft", "month", "10.00", enforcement="soft", thresholds=(50, 80, 100))
    before = len(spending.types())
    for usd in (4, 2, 5, 1):
        assert spending.spend(usd).outcome == "accepted"
    assert spending.types(before) == [
        "UsageRecorded",
        "UsageRecorded",
        "BudgetThresholdCrossed",
        "UsageRecorded",
        "BudgetThresholdCrossed",
        "BudgetThresholdCrossed",
        "UsageRecorded",
    ]
    assert spending.alerts() == [("soft", 50, 6), ("soft", 80, 11), ("soft", 100, 11)]


@pytest.mark.rule("L3")
def test_exactly_at_the_threshold_is_reached(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(80,))
    spending.spend(7.999999)
    assert spending.alerts() == []
    spending.spend(0.000001)
    assert spending.alerts() == [("d", 80, 8)]


@pytest.mark.rule("L3")
def test_every_window_has_alerts_of_its_own(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(100,))
    spending.spend(10)
    spending.spend(10, at=NOON - DAY)
    assert [(each.window_start, each.threshold) for each in spending.recorded(BudgetThresholdCrossed)] == [
        (NOON - DAY // 2, 100),
        (NOON - DAY - DAY // 2, 100),
    ]


@pytest.mark.rule("L5")
def test_alerts_come_by_budget_and_threshold_before_the_exhaustion(spending: Spending) -> None:
    for budget_id in ("b", "a"):
        spending.budget(budget_id, "month", "50.00", thresholds=(100, 50))
    before = len(spending.types())
    spending.spend(100)
    assert spending.alerts() == [("a", 50, 100), ("a", 100, 100), ("b", 50, 100), ("b", 100, 100)]
    assert spending.types(before) == ["UsageRecorded", *["BudgetThresholdCrossed"] * 4, "CreditsExhausted"]


def test_a_lower_limit_says_nothing_of_what_was_spent_before(spending: Spending) -> None:
    spending.budget("d", "day", "20.00", thresholds=(100,))
    spending.spend(9)
    spending.budget("d", "day", "5.00", thresholds=(100,))
    spending.spend(1)
    assert spending.alerts() == []


def test_a_higher_limit_is_another_threshold(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(100,))
    spending.spend(10)
    spending.budget("d", "day", "20.00", thresholds=(100,))
    spending.spend(10)
    assert spending.alerts() == [("d", 100, 10), ("d", 100, 20)]


@pytest.mark.rule("L3")
def test_setting_the_same_limit_again_arms_nothing(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(100,))
    spending.spend(10)
    spending.budget("d", "day", "10.00", thresholds=(100,), enforcement="soft")
    spending.spend(1)
    assert spending.alerts() == [("d", 100, 10)]


@pytest.mark.rule("L3")
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), max_size=12))
def test_whatever_comes_each_threshold_fires_once_when_it_is_reached(calls: list[tuple[int, int]]) -> None:
    spending = Spending()
    spending.budget("d", "day", "10.00", thresholds=(50, 100))
    by_day = {0: 0, 1: 0, 2: 0}
    expected: list[tuple[int, int]] = []
    for usd, days_ago in calls:
        for threshold, at in ((50, 5), (100, 10)):
            if by_day[days_ago] < at <= by_day[days_ago] + usd:
                expected.append((threshold, by_day[days_ago] + usd))
        by_day[days_ago] += usd
        spending.spend(usd, at=NOON - days_ago * DAY)
    assert [(threshold, spend) for _, threshold, spend in spending.alerts()] == expected


@pytest.mark.rule("L3")
def test_a_correction_crosses_a_threshold_and_one_down_arms_nothing(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(100,))
    spending.spend(9)
    for tokens in (11_000_000, 1_000_000, 12_000_000):
        corrected(spending.ledger, "call-1", usage={"input_tokens": tokens})
    assert spending.alerts() == [("d", 100, 11)]


@pytest.mark.rule("L3")
@pytest.mark.rule("U12")
def test_usage_that_is_rated_later_crosses_a_threshold_in_its_own_window(spending: Spending) -> None:
    spending.budget("d", "day", "10.00", thresholds=(100,))
    spending.spend(11, model="acme/new")
    assert spending.alerts() == []
    spending.ledger.wait(DAY)
    spending.ledger.given(price("acme/new", "new-1", {"input": "1"}, effective_from=0), tenant="platform")
    ReactorInMemory(spending.ledger.store, spending.ledger.clock).react()
    (alert,) = spending.recorded(BudgetThresholdCrossed)
    assert (alert.spend, alert.window_start) == (11 * USD, NOON - DAY // 2)
