"""Usage that is kept raw, because it cannot be understood or nobody can be charged for it yet, and what became of it.

All of them are events of the tenant's quarantine stream. Times are microseconds UTC, amounts nano-units.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.recorded_event import EventPayload

Disposition = Literal["waiting", "rejected"]
"""waiting: booked when the missing fact arrives, final for its sender. rejected: its sender may send it again (U4)."""

ConflictKind = Literal["conflict", "suspected_duplicate"]
"""suspected_duplicate: one provider response under two attempt ids; the second was charged as well."""


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


class UsageConflict(msgspec.Struct, frozen=True, gc=False):
    """An item that came under a known id and said something else. ``raw`` is the first 4 KB of it as JSON (U3).

    ``first_content`` of a suspected duplicate is the key of the attempt that named the provider's response first.
    """

    attempt_id: str
    source: str
    workspace_id: str
    kind: ConflictKind
    first_content: bytes
    second_content: bytes
    amount_at_risk: int | None
    currency: str | None
    raw: bytes


class UsageConflictNoted(EventPayload, frozen=True):
    """Items of one command that contradict what was taken first. The first stays (U3)."""

    conflicts: tuple[UsageConflict, ...]


class JudgedItem(msgspec.Struct, frozen=True, gc=False):
    """A waiting item that was booked, by the event at ``position``, or that now waits for another ``reason``.

    ``account_id`` None of a booked item: nobody is charged for it.
    """

    attempt_id: str
    source: str
    workspace_id: str
    outcome: Literal["booked", "waiting"]
    account_id: str | None
    position: int | None
    reason: str | None


class WaitingUsageJudged(EventPayload, frozen=True):
    """A fact arrived that items waited for, and they were judged again (U5)."""

    items: tuple[JudgedItem, ...]


class PayerAssigned(EventPayload, frozen=True):
    """An operator names who pays for an item that waited. Its ``UsageRecorded`` follows in the account's stream."""

    attempt_id: str
    attempt_source: str
    workspace_id: str
    account_id: str
    reason: str


class QuarantinedDiscarded(EventPayload, frozen=True):
    """An operator gives an item up; who approved it is the actor."""

    attempt_id: str
    attempt_source: str
    workspace_id: str
    disposition: Disposition
    reason: str
