"""What happened about an account's limits. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.accounts.limits.windows import WindowKind
from usage_ledger.recorded_event import EventPayload

ScopeKind = Literal["account", "user", "workspace", "key", "team"]
Enforcement = Literal["hard", "soft"]
TopupTrigger = Literal["balance"]


class CreditsExhausted(EventPayload, frozen=True):
    """A prepaid account's balance went from above zero to ``balance``, zero or below (L4)."""

    account_id: str
    currency: str
    balance: int


class WindowSpend(msgspec.Struct, frozen=True):
    """What was spent in the window that begins at ``start``; the one window of ``total`` begins at 0."""

    start: int
    spend: int


class BudgetSet(EventPayload, frozen=True):
    """A budget holds from now on, in place of one of the same id (L1). ``scope_value`` is None for the whole account.

    ``counted_from``: usage recorded before it is not counted. ``spent`` is what was counted by then.
    """

    account_id: str
    currency: str
    budget_id: str
    scope: ScopeKind
    scope_value: str | None
    window: WindowKind
    zone: str
    limit: int
    enforcement: Enforcement
    thresholds: tuple[int, ...]
    counted_from: int
    spent: tuple[WindowSpend, ...]


class BudgetRemoved(EventPayload, frozen=True):
    """A budget holds no longer (L1)."""

    account_id: str
    budget_id: str


class BudgetThresholdCrossed(EventPayload, frozen=True):
    """Spend of a window went from below to at or above ``threshold`` percent of the limit: once a window (L3).

    The window is [``window_start``, ``window_end``); the one of ``total`` begins at 0 and ends at the last instant.
    """

    account_id: str
    currency: str
    budget_id: str
    window: WindowKind
    window_start: int
    window_end: int
    threshold: int
    spend: int
    limit: int
