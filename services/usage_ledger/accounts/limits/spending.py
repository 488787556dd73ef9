"""How usage counts in budgets: worked out when it is decided, and written into its event (L1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from usage_ledger.accounts.limits.budget import WINDOWS_AT_ONCE, Spender, Spent
from usage_ledger.accounts.limits.events import BudgetSpend

if TYPE_CHECKING:
    from usage_ledger.accounts.account import Account
    from usage_ledger.accounts.events import ChargeLine, PayerDecision


def budgets_after(
    account: Account, decisions: Sequence[PayerDecision], lines: Iterable[ChargeLine], now: int
) -> tuple[BudgetSpend, ...]:
    """What will be spent of the account's budgets once these lines are counted. Most accounts have none."""
    return spend_after(account, list(spend_of(decisions, lines)), now) if account.limits.budgets else ()


def spend_after(account: Account, spent: Sequence[Spent], now: int) -> tuple[BudgetSpend, ...]:
    """The same of amounts, by which a correction may also go back (L1). ``now`` is recorded_at, microseconds UTC."""
    budgets = account.limits.budgets
    return tuple(each for budget_id in sorted(budgets) for each in budgets[budget_id].spend_after(spent, now))


def spend_of(decisions: Sequence[PayerDecision], lines: Iterable[ChargeLine]) -> Iterator[Spent]:
    """What lines charge, and whom that counts for."""
    spenders = [spender_of(decision) for decision in decisions]
    for line in lines:
        if line.charged:
            yield Spent(line.occurred_at, line.charged, spenders[line.decision])


def spender_of(decision: PayerDecision) -> Spender:
    detail = decision.detail
    return Spender(detail.attribution if detail else None, decision.workspace_id)


def windows_of(account: Account) -> int:
    """In how many windows one event may count at most: those of all that usage may be late, by every budget."""
    budgets = account.limits.budgets
    return sum(WINDOWS_AT_ONCE[budget.window] for budget in budgets.values()) if budgets else 0
