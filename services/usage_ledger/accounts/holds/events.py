"""What happened to holds. Amounts are nano-units of the account's currency, times microseconds UTC.

A hold reserves and does not post: none of these events carries a journal entry.
"""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.events import PayerDecision, Quantity
from usage_ledger.recorded_event import EventPayload


class HoldEstimate(msgspec.Struct, frozen=True):
    """What the amount was rated from: the most that the call can consume, and by which price, if it has one."""

    model: str
    provider: str | None
    buckets: tuple[Quantity, ...]
    outcome: str
    price_version: str | None


class HoldPlaced(EventPayload, frozen=True):
    """Credit was reserved for a call (H4). ``decision`` says who pays and why, and holds until it is settled (H12).

    ``estimate`` None: the amount was given.
    """

    account_id: str
    currency: str
    hold_id: str
    amount: int
    expires_at: int
    estimate: HoldEstimate | None
    decision: PayerDecision
    balance_after: int
    held_after: int


class HoldReleased(EventPayload, frozen=True):
    """What was still reserved, ``amount``, is free again: the call was not made (H6)."""

    account_id: str
    currency: str
    hold_id: str
    amount: int
    reason: str | None
    balance_after: int
    held_after: int


class HoldExpired(EventPayload, frozen=True):
    """What was still reserved, ``amount``, is free again: nobody settled it in time (H7)."""

    account_id: str
    currency: str
    hold_id: str
    amount: int
    balance_after: int
    held_after: int


class HoldSettled(EventPayload, frozen=True):
    """Usage that named the hold was charged: ``captured`` in full, ``overage`` of it beyond what was ``held`` (H5).

    ``final``: ``released`` is free again and the hold is closed; else what is left stays reserved.
    """

    account_id: str
    currency: str
    hold_id: str
    held: int
    captured: int
    overage: int
    released: int
    final: bool
    balance_after: int
    held_after: int
