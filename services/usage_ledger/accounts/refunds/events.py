"""What happened about money that goes back to the payer. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class PurchaseRefunded(EventPayload, frozen=True):
    """A purchase was paid back (C11). ``overdraft`` is what went beyond the lots, whatever the limit."""

    account_id: str
    currency: str
    payment_ref: str
    refund_id: str
    amount: int
    overdraft: int
    reason: str
    allocations: tuple[LotAmount, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class DisputeOpened(EventPayload, frozen=True):
    """The payer's bank took a payment back until it decides (C13): the credit is gone, the cash is in clearing."""

    account_id: str
    currency: str
    dispute_id: str
    payment_ref: str
    amount: int
    overdraft: int
    allocations: tuple[LotAmount, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class DisputeWon(EventPayload, frozen=True):
    """The bank gave the payment back: what the dispute took is reversed (C12, C13).

    ``restored`` returned to its lots, ``lot`` is the adjustment lot of a part that had been overdraft.
    """

    account_id: str
    currency: str
    dispute_id: str
    payment_ref: str
    amount: int
    debt_settled: int
    restored: tuple[LotAmount, ...]
    lot: str | None
    lot_amount: int
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class DisputeLost(EventPayload, frozen=True):
    """The bank kept the payment: clearing is settled against cash, the account's credit stays as it is (C13)."""

    account_id: str
    currency: str
    dispute_id: str
    payment_ref: str
    amount: int
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
