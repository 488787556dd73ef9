"""What events about budgets do to an account's state. A function here only assigns and cannot fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from usage_ledger.accounts.limits.budget import budget_from
from usage_ledger.accounts.limits.events import BudgetRemoved, BudgetSet, BudgetSpend, BudgetThresholdCrossed

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


def budgets_counted(account: Account, budgets: Iterable[BudgetSpend], recorded_at: int) -> None:
    """What an event says was spent of the account's budgets; nothing is worked out again when history is replayed."""
    for spend in budgets:
        account.limits.budgets[spend.budget_id].count(spend, recorded_at)
