"""What happened about credit that moved between accounts. Amounts are nano-units of their currency."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class ArrivedLot(msgspec.Struct, frozen=True, gc=False):
    """What came of one lot of the sender, with the same priority and expiry (microseconds UTC).

    ``lot_amount`` is what debt left of ``amount``; ``lot`` is None when that is nothing (C5).
    """

    from_lot: str
    lot: str | None
    amount: int
    lot_amount: int
    priority: int
    expires_at: int | None


class CreditsTransferredOut(EventPayload, frozen=True):
    """Paid credit left for another account (C14); it is in transfer clearing until it arrives."""

    account_id: str
    currency: str
    transfer_id: str
    to_account: str
    amount: int
    lots: tuple[LotAmount, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int


class CreditsTransferredIn(EventPayload, frozen=True):
    """Credit of another account arrived (C14). Debt came first (C5)."""

    account_id: str
    currency: str
    transfer_id: str
    from_account: str
    amount: int
    debt_settled: int
    lots: tuple[ArrivedLot, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
