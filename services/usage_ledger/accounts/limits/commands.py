"""What can be asked about an account's limits. Money comes as decimal text in the account's currency."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from usage_ledger.accounts.limits.events import Enforcement, ScopeKind, TopupSchedule
from usage_ledger.accounts.limits.windows import WindowKind
from usage_ledger.identifiers import Currency, Id, Reason, Reference

BUDGETS_MAX: Final = 300
"""Named in one command."""

THRESHOLDS_MAX: Final = 10

Threshold = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
"""Percent of the limit."""

Thresholds = Annotated[tuple[Threshold, ...], msgspec.Meta(max_length=THRESHOLDS_MAX)]


class BudgetTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A budget as it is to be (L1); ``limit`` None removes it.

    ``scope_value`` says which user, workspace, key or team. ``zone`` absent means the account's, ``enforcement``
    absent hard, ``thresholds`` absent 80 and 100 percent.
    """

    budget_id: Id
    limit: str | None = None
    window: WindowKind | None = None
    scope: ScopeKind = "account"
    scope_value: Id | None = None
    zone: str | None = None
    enforcement: Enforcement | None = None
    thresholds: Thresholds | None = None


class SetBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set one budget of an account, or put it in place of the one with its id (L1)."""

    account_id: Id
    budget_id: Id
    limit: str
    window: WindowKind
    scope: ScopeKind = "account"
    scope_value: Id | None = None
    zone: str | None = None
    enforcement: Enforcement | None = None
    thresholds: Thresholds | None = None


class RemoveBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """End a budget (L1)."""

    account_id: Id
    budget_id: Id


class SetSpendLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set, change and remove several limits at once, all or none. What is absent stays as it is.

    ``unlimited_credit`` takes the credit limit away.
    """

    account_id: Id
    budgets: Annotated[tuple[BudgetTerms, ...], msgspec.Meta(max_length=BUDGETS_MAX)] = ()
    overdraft_limit: str | None = None
    credit_limit: str | None = None
    unlimited_credit: bool = False


class ConfigureAutoTopup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Buy ``amount`` of credit whenever the balance falls below ``threshold``, ``monthly_cap`` a month at most (L6).

    With a ``schedule`` also whenever a day, week (from Monday) or month of the account's zone begins, whatever the
    balance.
    """

    account_id: Id
    threshold: str
    amount: str
    monthly_cap: str | None = None
    enabled: bool = True
    currency: Currency | None = None
    schedule: TopupSchedule | None = None


class CompleteTopup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payment of a top-up went through (L6). ``payment_ref`` absent means the top-up's own id."""

    account_id: Id
    topup_id: Reference
    payment_ref: Reference | None = None


class FailTopup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payment of a top-up failed (L6)."""

    account_id: Id
    topup_id: Reference
    reason: Reason | None = None
