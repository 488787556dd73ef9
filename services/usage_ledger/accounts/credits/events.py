"""What happened to an account's credit. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from usage_ledger.accounts.events import Allowance
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class PaymentFailureReported(EventPayload, frozen=True):
    """A processor says that a payment failed (C8). ``ignored``: it had succeeded before, so nothing changes."""

    account_id: str
    payment_ref: str
    ignored: bool
    reason: str | None


class GrantScheduled(EventPayload, frozen=True):
    """Credit that will be given at ``effective_at``, and posts then (C9)."""

    account_id: str
    currency: str
    kind: str
    amount: int
    reference: str
    reason: str
    priority: int
    effective_at: int
    expires_at: int | None
    allowance: Allowance | None = None


class CreditsExpired(EventPayload, frozen=True):
    """A lot lost ``amount`` at its time: its remainder, but no more than open holds left free (C7)."""

    account_id: str
    currency: str
    lot: str
    amount: int
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class CreditsRolledOver(EventPayload, frozen=True):
    """A part of an allowance lives on for one more period as lot ``to_lot`` of the same kind and priority (C10)."""

    account_id: str
    currency: str
    from_lot: str
    to_lot: str
    amount: int
    kind: str
    priority: int
    effective_at: int
    expires_at: int
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
