"""What was corrected of recorded usage. Amounts are nano-units of the account's currency, times microseconds UTC."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import ChargeLine, PayerDecision
from usage_ledger.accounts.journal import JournalEntry
from usage_ledger.accounts.limits.events import BudgetSpend
from usage_ledger.pricing.events import PriceBasis
from usage_ledger.recorded_event import EventPayload


class LineCorrection(msgspec.Struct, frozen=True, gc=False):
    """What a correction did to one line (U16). ``delta`` is what it charges more, below zero what it charges less.

    ``parts`` is what the line draws from now on, ``position`` that of the event which said what it was before, and
    ``known_at`` the position of the facts by which it was rated. A ``void`` line counts as if it had never been.
    """

    delta: int
    parts: tuple[LotAmount, ...]
    position: int
    known_at: int | None
    void: bool


class UsageCorrected(EventPayload, frozen=True):
    """Lines were corrected, or rated again: one compensating entry, down by C12 or up by C4 (U16, P10).

    ``lines`` are as they are now, ``before`` is what each was, ``corrections`` says what that did, all in one order.
    Of what was given back, ``restored`` returned to its lots, and ``lot`` is the adjustment lot of a part whose debt
    was settled; ``drawn`` is what was charged more. Without ``account_id`` the usage is metered.
    """

    account_id: str | None
    currency: str | None
    reason: str
    prices: tuple[PriceBasis, ...]
    decisions: tuple[PayerDecision, ...]
    lines: tuple[ChargeLine, ...]
    before: tuple[ChargeLine, ...]
    corrections: tuple[LineCorrection, ...]
    delta: int
    drawn: tuple[LotAmount, ...]
    restored: tuple[LotAmount, ...]
    debt_settled: int
    lot: str | None
    lot_amount: int
    entries: tuple[JournalEntry, ...]
    balance_after: int | None
    held_after: int | None
    after_close: bool = False
    budgets: tuple[BudgetSpend, ...] = ()
