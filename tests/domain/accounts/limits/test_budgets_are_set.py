"""SetBudget and RemoveBudget: their events, what is refused, and that refusing changes nothing (L1)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import NOON, SECOND, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.limits.commands import RemoveBudget, SetBudget
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet

HOUR = 3_600 * SECOND


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount("main", "org", "USD", zone="Europe/Berlin"))


def budget(**fields: Any) -> SetBudget:
    return SetBudget(**{"account_id": "main", "budget_id": "d", "limit": "10.00", "window": "day"} | fields)


@pytest.mark.rule("L1")
def test_what_is_not_said_is_hard_for_the_account_in_its_zone_at_80_and_100(when: When, then: Then) -> None:
    when(budget())
    assert then.recorded(BudgetSet) == BudgetSet(
        account_id="main",
        currency="USD",
        budget_id="d",
        scope="account",
        scope_value=None,
        window="day",
        zone="Europe/Berlin",
        limit=10 * 10**9,
        enforcement="hard",
        thresholds=(80, 100),
        counted_from=NOON - 13 * HOUR - 300 * SECOND,  # what occurred since midnight in Berlin
        spent=(),
    )


def test_the_answer_shows_every_budget(given: Given, when: When, then: Then) -> None:
    given(budget())
    when(budget(budget_id="u", scope="user", scope_value="usr-9", thresholds=(100, 50, 100)))
    answer = then.accepted()
    assert [(each.budget_id, each.limit, each.spend) for each in answer.budgets] == [
        ("d", "10.00", "0.00"),
        ("u", "10.00", "0.00"),
    ]
    assert answer.budgets[1].thresholds == (50, 100)
    assert answer.budgets[1].scope.user == "usr-9"


def test_setting_what_holds_records_nothing(given: Given, when: When, then: Then) -> None:
    given(budget())
    when(budget(zone="Europe/Berlin"))
    then.accepted()
    then.recorded()


def test_a_budget_is_removed(given: Given, when: When, then: Then) -> None:
    given(budget())
    when(RemoveBudget("main", "d"))
    assert then.recorded(BudgetRemoved) == BudgetRemoved("main", "d")
    when(RemoveBudget("main", "d"))
    then.refused("budget_not_found")


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"limit": "-1.00"}, "invalid_limit", "/limit"),
        ({"limit": "1e3"}, "invalid_amount", "/limit"),
        ({"limit": "0.0000000001"}, "amount_too_precise", "/limit"),
        ({"limit": "99999999999"}, "amount_out_of_range", "/limit"),
        ({"zone": "Europe/Nowhere"}, "invalid_zone", "/zone"),
        ({"zone": "../Europe/Berlin"}, "invalid_zone", "/zone"),
        ({"scope": "user"}, "invalid_scope", "/scope"),
        ({"scope_value": "usr-9"}, "invalid_scope", "/scope"),
    ],
)
def test_wrong_input_is_said(when: When, then: Then, fields: dict[str, Any], code: str, pointer: str) -> None:
    when(budget(**fields))
    then.invalid(code, pointer)


@pytest.mark.rule("A5")
def test_an_unknown_account_has_no_budget(when: When, then: Then) -> None:
    when(budget(account_id="nobody"))
    then.refused("account_not_found")


def test_an_account_has_only_so_many_budgets(given: Given, when: When, then: Then, ledger: LedgerInMemory) -> None:
    given(*(budget(budget_id=f"b{number}", window="month") for number in range(300)))
    when(budget(budget_id="one-more", window="total"))
    then.refused("too_many_budgets")
    when(budget(budget_id="b0", window="month", limit="11.00"))
    then.recorded(BudgetSet)
