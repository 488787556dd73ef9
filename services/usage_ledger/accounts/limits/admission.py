"""Whether budgets let a call in: asked before a hold is placed, never when usage is recorded or settled (L2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.funds import spendable
from usage_ledger.accounts.limits.budget import Budget, Spender
from usage_ledger.accounts.limits.events import ScopeKind
from usage_ledger.accounts.limits.windows import SHORTEST_FIRST
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal

NARROWEST_FIRST: Final[tuple[ScopeKind, ...]] = ("key", "user", "workspace", "team", "account")

HeldBy = Callable[[Budget], int]
"""Nano-units of the account's open holds that count in a budget; asked only of those that hold for one scope."""


def budget_refusal(account: Account, estimate: int, spender: Spender, at: int, held_by: HeldBy) -> Refusal | None:
    """``budget_exceeded`` if a hard budget would be: spend + open holds + estimate > limit. None admits.

    Of several the shortest window answers, then the narrowest scope. An estimate of zero passes (H3). Amounts are
    nano-units, ``at`` is the decision's time in microseconds UTC.
    """
    if not estimate or not account.limits.budgets:
        return None
    hard = [each for each in account.limits.budgets.values() if each.enforcement == "hard" and each.covers(spender)]
    for budget in sorted(hard, key=_answers_first):
        held = account.held if budget.scope == "account" else held_by(budget)
        spend = budget.spend_at(at)
        if spend + held + estimate > budget.limit:
            return _exceeded(account, budget, spend, held, estimate)
    return None


def _answers_first(budget: Budget) -> tuple[int, int, str]:
    return SHORTEST_FIRST.index(budget.window), NARROWEST_FIRST.index(budget.scope), budget.budget_id


def _exceeded(account: Account, budget: Budget, spend: int, held: int, estimate: int) -> Refusal:
    """With what every refusal about money says, and what this one is about."""
    left = spendable(account)
    facts = {
        "balance": format_amount(account.balance),
        **({} if left is None else {"spendable": format_amount(left)}),
        "currency": account.currency,
        "budget": budget.budget_id,
        "scope": budget.scope,
        "window": budget.window,
        "limit": format_amount(budget.limit),
        "spend": format_amount(spend),
        "held": format_amount(held),
        "required": format_amount(estimate),
    }
    return Refusal("budget_exceeded", "the call would pass a hard budget", facts)
