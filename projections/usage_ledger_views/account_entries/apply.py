"""Folds every event that moved money on an account into one row of its statement."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.journal import movement

_to_json = msgspec.json.Encoder().encode


class EntryRow(NamedTuple):
    """A row of ``views.account_entries``, its columns in the table's order. ``entries`` is JSON text."""

    tenant: str
    account_id: str
    recorded_at: int
    position: int
    event_id: UUID
    type: str
    effect: int
    running_balance: int
    held: int
    reference: str
    entries: str
    occurred_at: int


def purchase_recorded(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["payment_ref"])


def credits_granted(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["reference"])


def usage_recorded(rows: list[EntryRow], event: Event) -> None:
    """Usage, the rating of what was suspended, a correction. What posted nothing (metered, free of charge) is none."""
    if event.record["account_id"] is not None and event.record["entries"]:
        _add(rows, event, reference=event.record["command_id"])


def fee_charged(rows: list[EntryRow], event: Event) -> None:
    """A capped fee that found nothing to take is no entry."""
    if event.record["entries"]:
        _add(rows, event, reference=f"{event.record['fee']}/{event.record['period']}")


def entry_posted(rows: list[EntryRow], event: Event) -> None:
    """An entry by hand moves no credit: it is in the journal and has no effect on the balance."""
    _add(rows, event, reference=event.record["command_id"])


def credits_expired(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["lot"])


def credits_rolled_over(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["to_lot"])


def purchase_refunded(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["refund_id"])


def dispute_moved(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["dispute_id"])


def credits_transferred(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["transfer_id"])


def balance_adjusted(rows: list[EntryRow], event: Event) -> None:
    """What it undoes, if it says so."""
    _add(rows, event, reference=event.record["reverses"] or event.record["command_id"])


def overdraft_written_off(rows: list[EntryRow], event: Event) -> None:
    _add(rows, event, reference=event.record["command_id"])


def _add(rows: list[EntryRow], event: Event, *, reference: str) -> None:
    record = event.record
    entries = record["entries"]
    rows.append(
        EntryRow(
            tenant=record["tenant"],
            account_id=record["account_id"],
            recorded_at=record["recorded_at"],
            position=event.position,
            event_id=UUID(bytes=record["event_id"]),
            type=entries[0]["type"],
            effect=movement(entries).effect,
            running_balance=record["balance_after"],
            held=record["held_after"],
            reference=reference,
            entries=_to_json(entries).decode(),
            occurred_at=record["occurred_at"],
        )
    )


APPLIERS = {
    "PurchaseRecorded": purchase_recorded,
    "CreditsGranted": credits_granted,
    "UsageRecorded": usage_recorded,
    "SuspendedUsageRated": usage_recorded,
    "UsageCorrected": usage_recorded,
    "FeeCharged": fee_charged,
    "EntryPosted": entry_posted,
    "CreditsExpired": credits_expired,
    "CreditsRolledOver": credits_rolled_over,
    "PurchaseRefunded": purchase_refunded,
    "DisputeOpened": dispute_moved,
    "DisputeWon": dispute_moved,
    "DisputeLost": dispute_moved,
    "CreditsTransferredOut": credits_transferred,
    "CreditsTransferredIn": credits_transferred,
    "BalanceAdjusted": balance_adjusted,
    "OverdraftWrittenOff": overdraft_written_off,
}
