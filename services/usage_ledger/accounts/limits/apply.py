"""What events about limits do to an account's state, and how usage counts in its budgets. Assigns, cannot fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from usage_ledger.accounts.events import ChargeLine, PayerDecision
from usage_ledger.accounts.limits.budget import Spender, Spent, budget_from
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet, BudgetThresholdCrossed

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account


def budget_set(account: Account, event: BudgetSet, _: int) -> None:
    budgets = account.limits.budgets
    budgets[event.budget_id] = budget_from(event, budgets.get(event.budget_id))


def budget_removed(account: Account, event: BudgetRemoved, _: int) -> None:
    account.limits.budgets.pop(event.budget_id, None)


def budget_threshold_crossed(account: Account, event: BudgetThresholdCrossed, _: int) -> None:
    state = account.limits.budgets[event.budget_id].windows[event.window_start]
    state.crossed = (*state.crossed, event.threshold)


def count_usage(
    account: Account, decisions: Sequence[PayerDecision], lines: Iterable[ChargeLine], recorded_at: int
) -> None:
    """Count what lines charged in the account's budgets. Ask whether it has any before calling: most have none."""
    count_spend(account, list(spend_of(decisions, lines)), recorded_at)


def count_spend(account: Account, spent: Sequence[Spent], recorded_at: int) -> None:
    """Count amounts (a correction's may be below zero) in the windows in which their usage occurred (L1)."""
    for budget in account.limits.budgets.values():
        budget.count(spent, recorded_at)


def spend_of(decisions: Sequence[PayerDecision], lines: Iterable[ChargeLine]) -> Iterator[Spent]:
    """What the lines of an event charged, and whom that counts for."""
    spenders = [spender_of(decision) for decision in decisions]
    for line in lines:
        if line.charged:
            yield Spent(line.occurred_at, line.charged, spenders[line.decision])


def spender_of(decision: PayerDecision) -> Spender:
    detail = decision.detail
    return Spender(detail.attribution if detail else None, decision.workspace_id)
