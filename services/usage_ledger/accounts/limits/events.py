"""What happened about an account's limits. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.accounts.limits.windows import WindowKind
from usage_ledger.recorded_event import EventPayload

ScopeKind = Literal["account", "user", "workspace", "key", "team"]
Enforcement = Literal["hard", "soft"]
TopupTrigger = Literal["balance", "schedule"]
TopupSchedule = Literal["day", "week", "month"]


class CreditsExhausted(EventPayload, frozen=True):
    """A prepaid account's balance went from above zero to ``balance``, zero or below (L4)."""

    account_id: str
    currency: str
    balance: int


class BudgetSpend(msgspec.Struct, frozen=True, gc=False):
    """What was spent of a budget in the window [``window_start``, ``window_end``), the event that says so included."""

    budget_id: str
    window_start: int
    window_end: int
    spend: int


class WindowSpend(msgspec.Struct, frozen=True):
    """What was spent in the window [``start``, ``end``); the one of ``total`` begins at 0."""

    start: int
    spend: int
    end: int = 0


class BudgetSet(EventPayload, frozen=True):
    """A budget holds from now on, in place of one of the same id (L1). ``scope_value`` is None for the whole account.

    ``counted_from``: usage recorded before it is not counted. ``spent`` is what was counted by then. It ``continues``
    when it counts the same thing as before: what was counted stays.
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
    continues: bool = False


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


class AutoTopupConfigured(EventPayload, frozen=True):
    """Credit is to be bought when the balance falls below ``threshold`` (L6). ``monthly_cap`` None is without one.

    With a ``schedule`` it is bought whenever a day, week or month of the account's zone begins, too.
    """

    account_id: str
    currency: str
    threshold: int
    amount: int
    monthly_cap: int | None
    enabled: bool
    schedule: TopupSchedule | None = None


class AutoTopupTriggered(EventPayload, frozen=True):
    """Somebody is to charge ``amount`` to the payment method, by ``lease_until`` (L6).

    ``topup_id`` is the processor's idempotency key too: one that comes again, after its lease lapsed, charges once.
    """

    account_id: str
    currency: str
    topup_id: str
    amount: int
    trigger: TopupTrigger
    balance: int
    threshold: int
    lease_until: int


class AutoTopupCompleted(EventPayload, frozen=True):
    """The payment of a top-up had been recorded before, by another channel: its slot is free again (C8, L6)."""

    account_id: str
    topup_id: str
    payment_ref: str


class AutoTopupFailed(EventPayload, frozen=True):
    """The payment of a top-up failed, the ``consecutive``-th time in a row (L6)."""

    account_id: str
    currency: str
    topup_id: str
    amount: int
    consecutive: int
    reason: str | None


class AutoTopupDisabled(EventPayload, frozen=True):
    """So many payments in a row failed that nothing is triggered until somebody configures it anew (L6)."""

    account_id: str
    topup_id: str
    consecutive: int


class AutoTopupLeaseExpired(EventPayload, frozen=True):
    """Nobody said what became of a top-up in time: the slot is free, and the next trigger names it again (L6)."""

    account_id: str
    topup_id: str
