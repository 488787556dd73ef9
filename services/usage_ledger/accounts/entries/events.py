"""What happened to the journal by hand. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class EntryPosted(EventPayload, frozen=True):
    """A manual entry, which moves no control account and so no credit (J4)."""

    account_id: str
    currency: str
    reason: str
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
