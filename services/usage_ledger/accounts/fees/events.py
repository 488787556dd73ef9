"""What happened about fees. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.fees.commands import Fee
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.recorded_event import EventPayload


class FeeCharged(EventPayload, frozen=True):
    """A fee was charged (C15). ``requested`` = ``charged`` + ``shortfall``; a charge of zero has no entry."""

    account_id: str
    currency: str
    fee: Fee
    period: str
    requested: int
    charged: int
    shortfall: int
    allocations: tuple[LotAmount, ...]
    entries: tuple[JournalEntry, ...]
    balance_after: int
    held_after: int
