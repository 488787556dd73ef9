"""Hard budgets at admission: what was spent, what open holds reserve, and what this call may come to (L2)."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.events import PayerDecision
from usage_ledger.accounts.limits.admission import budget_refusal
from usage_ledger.accounts.limits.budget import Budget
from usage_ledger.accounts.limits.spending import spender_of


def require_budgets(account: Account, amount: int, decision: PayerDecision, at: int) -> None:
    """Raises ``Refusal('budget_exceeded')``. ``amount`` is nano-units, ``at`` microseconds UTC."""

    def held_by(budget: Budget) -> int:
        open_holds = account.holds.by_id.values()
        return sum(hold.amount for hold in open_holds if budget.covers(spender_of(hold.decision)))

    refusal = budget_refusal(account, amount, spender_of(decision), at, held_by)
    if refusal is not None:
        raise refusal
