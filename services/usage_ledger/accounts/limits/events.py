"""What happened about an account's limits. Amounts are nano-units of its currency, times microseconds UTC."""

from __future__ import annotations

from usage_ledger.recorded_event import EventPayload


class CreditsExhausted(EventPayload, frozen=True):
    """A prepaid account's balance went from above zero to ``balance``, zero or below (L4)."""

    account_id: str
    currency: str
    balance: int
