"""What commands about limits answer: amounts as decimal text in the account's currency (M3)."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.limits.budget import Budget
from usage_ledger.accounts.limits.events import Enforcement, TopupSchedule
from usage_ledger.accounts.limits.topup import AutoTopup
from usage_ledger.accounts.limits.windows import WindowKind
from usage_ledger.identifiers import Id
from usage_ledger.money import format_amount


class ScopeOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of these names whose usage a budget counts."""

    user: Id | None = None
    workspace: Id | None = None
    key: Id | None = None
    team: Id | None = None


Scope = Literal["account"] | ScopeOf


class BudgetAnswer(msgspec.Struct, frozen=True):
    """A budget, and what was spent of it in the window that holds at the decision's time (L1)."""

    budget_id: str
    scope: Scope
    window: WindowKind
    zone: str
    limit: str
    enforcement: Enforcement
    thresholds: tuple[int, ...]
    spend: str


class LimitsAnswer(msgspec.Struct, frozen=True):
    """Everything that limits an account's spending; ``credit_limit`` None is unlimited and speaks of invoiced ones."""

    account_id: str
    currency: str
    overdraft_limit: str
    credit_limit: str | None
    budgets: tuple[BudgetAnswer, ...]


def limits_answer(account: Account, now: int) -> LimitsAnswer:
    return LimitsAnswer(
        account_id=account.account_id,
        currency=account.currency,
        overdraft_limit=format_amount(account.overdraft_limit),
        credit_limit=None if account.credit_limit is None else format_amount(account.credit_limit),
        budgets=tuple(_budget_answer(budget, now) for _, budget in sorted(account.limits.budgets.items())),
    )


def scope_answer(scope: str, scope_value: str | None) -> Scope:
    """``account``, or an object that names a user, workspace, key or team."""
    return "account" if scope == "account" else ScopeOf(**{scope: scope_value})


def _budget_answer(budget: Budget, now: int) -> BudgetAnswer:
    return BudgetAnswer(
        budget_id=budget.budget_id,
        scope=scope_answer(budget.scope, budget.scope_value),
        window=budget.window,
        zone=budget.zone,
        limit=format_amount(budget.limit),
        enforcement=budget.enforcement,
        thresholds=budget.thresholds,
        spend=format_amount(budget.spend_at(now)),
    )


class AutoTopupAnswer(msgspec.Struct, frozen=True):
    """How credit is bought by itself, how that stands, and what the account has now (L6)."""

    account_id: str
    currency: str
    threshold: str
    amount: str
    monthly_cap: str | None
    enabled: bool
    schedule: TopupSchedule | None
    in_flight: str | None
    failures: int
    posted: str
    available: str


def auto_topup_answer(account: Account) -> AutoTopupAnswer:
    """The account has an auto top-up."""
    topup = account.limits.topup or AutoTopup(0, 0, None, enabled=False)
    return AutoTopupAnswer(
        account_id=account.account_id,
        currency=account.currency,
        threshold=format_amount(topup.threshold),
        amount=format_amount(topup.amount),
        monthly_cap=None if topup.monthly_cap is None else format_amount(topup.monthly_cap),
        enabled=topup.enabled,
        schedule=topup.schedule,
        in_flight=topup.in_flight,
        failures=topup.failures,
        posted=format_amount(account.balance),
        available=format_amount(account.available),
    )
