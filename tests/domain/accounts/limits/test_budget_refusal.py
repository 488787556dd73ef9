"""Admission by hard budgets: spend + open holds + estimate may reach the limit, not pass it (L2, H3)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.limits.spending import DAY, NOON, USD, Spending
from usage_ledger.accounts.limits.admission import budget_refusal
from usage_ledger.accounts.limits.budget import Spender
from usage_ledger.accounts.usage_details import Attribution

WS = Spender(None, "ws")


def refused(
    spending: Spending, usd: float, *, spender: Spender = WS, held: float = 0, at: int = NOON
) -> dict[str, str] | None:
    account = spending.account()
    refusal = budget_refusal(account, round(usd * USD), spender, at, lambda _: round(held * USD))
    assert refusal is None or refusal.code == "budget_exceeded"
    return refusal and refusal.facts


@pytest.mark.rule("L2")
def test_exactly_at_the_limit_is_admitted_and_one_nano_above_is_not(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(9)
    assert refused(spending, 1) is None
    assert refused(spending, 1.000000001) == {
        "balance": "91.00",
        "spendable": "91.00",
        "currency": "USD",
        "budget": "d",
        "scope": "account",
        "window": "day",
        "limit": "10.00",
        "spend": "9.00",
        "held": "0.00",
        "required": "1.000000001",
    }


@pytest.mark.rule("L2")
def test_the_shortest_window_answers_first(spending: Spending) -> None:
    for budget_id, window in (("a", "total"), ("b", "month"), ("c", "week"), ("d", "day")):
        spending.budget(budget_id, window, "1.00")
    assert refused(spending, 2)["window"] == "day"  # type: ignore[index]


@pytest.mark.rule("L2")
def test_of_equal_windows_the_narrowest_scope_answers_first(spending: Spending) -> None:
    scopes = ["account", "team", "workspace", "user", "key"]
    attribution = Attribution(user="u", key="k", team="t")
    for scope in scopes:
        value = {"workspace": "ws", "account": None}.get(scope, scope[0])
        spending.budget(scope, "day", "1.00", scope=scope, scope_value=value)
    answered = []
    while (facts := refused(spending, 2, spender=Spender(attribution, "ws"))) is not None:
        answered.append(facts["budget"])
        spending.budget(facts["budget"], "day", "100.00", **_scope_of(facts["budget"]))
    assert answered == ["key", "user", "workspace", "team", "account"]


def _scope_of(scope: str) -> dict[str, Any]:
    return {"scope": scope, "scope_value": {"workspace": "ws", "account": None}.get(scope, scope[0])}


@pytest.mark.rule("L2")
def test_soft_budgets_never_refuse(spending: Spending) -> None:
    spending.budget("soft", "day", "1.00", enforcement="soft")
    assert refused(spending, 2) is None


@pytest.mark.rule("H3")
def test_a_free_call_passes_a_spent_budget(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(25)
    assert refused(spending, 0) is None
    assert refused(spending, 0.01)["spend"] == "25.00"  # type: ignore[index]


@pytest.mark.rule("L2")
def test_open_holds_count(spending: Spending) -> None:
    spending.budget("mine", "day", "10.00", scope="workspace", scope_value="ws")
    spending.spend(3)
    assert refused(spending, 4, held=3) is None
    assert refused(spending, 4.01, held=3)["held"] == "3.00"  # type: ignore[index]


@pytest.mark.rule("L2")
def test_a_budget_of_somebody_else_does_not_refuse(spending: Spending) -> None:
    spending.budget("other", "day", "0.00", scope="user", scope_value="u2")
    assert refused(spending, 1) is None


@pytest.mark.rule("L1")
def test_the_next_window_admits_again(spending: Spending) -> None:
    spending.budget("d", "day", "10.00")
    spending.spend(10)
    assert refused(spending, 1) is not None
    assert refused(spending, 1, at=NOON + DAY) is None
