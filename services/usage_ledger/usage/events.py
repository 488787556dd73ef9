"""Usage that is kept raw: it cannot be understood, or nobody can be charged for it yet."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.recorded_event import EventPayload

Disposition = Literal["waiting", "rejected"]
"""waiting: booked when the missing fact arrives, final for its sender. rejected: its sender may send it again (U4)."""


class QuarantinedItem(msgspec.Struct, frozen=True, gc=False):
    """One item, why it is here, and what is at risk (nano-units of ``currency``) where the item itself says so (U5).

    ``occurred_at`` is microseconds UTC; ``raw`` is the item as JSON.
    """

    attempt_id: str
    source: str
    workspace_id: str
    occurred_at: int
    disposition: Disposition
    reason: str
    amount_at_risk: int | None
    currency: str | None
    raw: bytes


class UsageQuarantined(EventPayload, frozen=True):
    """Items of one command that are kept raw."""

    items: tuple[QuarantinedItem, ...]
