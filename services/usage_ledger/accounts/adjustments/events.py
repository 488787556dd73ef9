"""What happened when a balance was set right by hand. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class BalanceAdjusted(EventPayload, frozen=True):
    """Credit was given, or taken if ``amount`` is below zero (C17).

    Upwards debt came first and the rest is ``lot`` (C5); downwards ``allocations`` say what gave it.
    """

    account_id: str
    currency: str
    amount: int
    debt_settled: int
    lot: str | None
    lot_amount: int
    allocations: tuple[LotAmount, ...]
    reverses: str | None
    approver: str
    reason: str
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class OverdraftWrittenOff(EventPayload, frozen=True):
    """Debt was given up as a bad one (C17)."""

    account_id: str
    currency: str
    amount: int
    approver: str
    reason: str
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
