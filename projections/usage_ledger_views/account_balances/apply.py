"""Folds account events into balances and lots. Later events of an account replace its figures; lots add up."""

from __future__ import annotations

from typing import Any

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.journal import lots_drawn, movement

ADJUSTMENT_PRIORITY = 50
"""The default of C1: nobody chose one for a lot that a correction brought."""

AccountKey = tuple[str, str]
LotKey = tuple[str, str, str]


class Opened(msgspec.Struct):
    """What an account is, from the day it was opened."""

    owner_kind: str
    tier: str | None
    funding: str
    currency: str
    zone: str
    overdraft_limit: int
    credit_limit: int | None
    opened_at: int
    position: int
    recorded_at: int


class Moved(msgspec.Struct):
    """The account's figures after the batch's last event, and how far debt moved in between (nano-units)."""

    posted: int = 0
    held: int = 0
    overdraft: int = 0
    unbilled: int = 0
    position: int = 0
    recorded_at: int = 0


class LotOpened(msgspec.Struct):
    """Credit that came in; ``remaining`` is what was left of it after it settled debt."""

    kind: str
    amount: int
    remaining: int
    priority: int
    effective_at: int
    expires_at: int | None
    recorded_at: int
    position: int


class BalanceChanges(msgspec.Struct):
    """One batch, by (tenant, account) and (tenant, account, lot)."""

    opened: dict[AccountKey, Opened] = {}
    moved: dict[AccountKey, Moved] = {}
    lots_opened: dict[LotKey, LotOpened] = {}
    lots_drawn: dict[LotKey, int] = {}
    statuses: dict[AccountKey, str] = {}
    overdraft_limits: dict[AccountKey, int] = {}
    credit_limits: dict[AccountKey, int | None] = {}


def account_opened(changes: BalanceChanges, event: Event) -> None:
    record = event.record
    changes.opened[record["tenant"], record["account_id"]] = Opened(
        owner_kind=record["owner_kind"],
        tier=record["tier"],
        funding=record["funding"],
        currency=record["currency"],
        zone=record["zone"],
        overdraft_limit=record["overdraft_limit"],
        credit_limit=record["credit_limit"],
        opened_at=record["recorded_at"],
        position=event.position,
        recorded_at=record["recorded_at"],
    )


def purchase_recorded(changes: BalanceChanges, event: Event) -> None:
    _lot(changes, event, kind="purchase", effective_at=event.record["recorded_at"])
    _move(changes, event)


def credits_granted(changes: BalanceChanges, event: Event) -> None:
    _lot(changes, event, kind=event.record["kind"], effective_at=event.record["effective_at"])
    _move(changes, event)


def usage_recorded(changes: BalanceChanges, event: Event) -> None:
    """Usage when it was recorded, or when its price arrived. Metered usage, which has no account, moves nothing."""
    if event.record["account_id"] is not None:
        credit_moved(changes, event)


def credit_moved(changes: BalanceChanges, event: Event) -> None:
    """Lots gave credit, or got it back; one that the same event opened holds what is left of it from the start."""
    record = event.record
    for lot, amount in lots_drawn(record["entries"]):
        key = (record["tenant"], record["account_id"], lot)
        opened = changes.lots_opened.get(key)
        if opened is None or opened.position != event.position:
            changes.lots_drawn[key] = changes.lots_drawn.get(key, 0) + amount
    _move(changes, event)


def credits_rolled_over(changes: BalanceChanges, event: Event) -> None:
    """The new lot is what it was when it came in: nothing of it settled debt."""
    record = event.record
    changes.lots_opened[record["tenant"], record["account_id"], record["to_lot"]] = LotOpened(
        kind=record["kind"],
        amount=record["amount"],
        remaining=record["amount"],
        priority=record["priority"],
        effective_at=record["effective_at"],
        expires_at=record["expires_at"],
        recorded_at=record["recorded_at"],
        position=event.position,
    )
    credit_moved(changes, event)


def reasons_changed(changes: BalanceChanges, event: Event) -> None:
    """Suspended while there is a reason left (A3)."""
    changes.statuses[_account(event)] = "suspended" if event.record["reasons"] else "open"


def account_closed(changes: BalanceChanges, event: Event) -> None:
    changes.statuses[_account(event)] = "closed"


def overdraft_limit_set(changes: BalanceChanges, event: Event) -> None:
    changes.overdraft_limits[_account(event)] = event.record["limit"]


def credit_limit_set(changes: BalanceChanges, event: Event) -> None:
    changes.credit_limits[_account(event)] = event.record["limit"]


def _account(event: Event) -> AccountKey:
    return event.record["tenant"], event.record["account_id"]


def credits_transferred_in(changes: BalanceChanges, event: Event) -> None:
    """Each lot of the sender is one of kind ``transfer``, but for what settled debt (C14)."""
    record = event.record
    for arrived in record["lots"]:
        if arrived["lot"] is not None:
            changes.lots_opened[record["tenant"], record["account_id"], arrived["lot"]] = LotOpened(
                kind="transfer",
                amount=arrived["amount"],
                remaining=arrived["lot_amount"],
                priority=arrived["priority"],
                effective_at=record["recorded_at"],
                expires_at=arrived["expires_at"],
                recorded_at=record["recorded_at"],
                position=event.position,
            )
    credit_moved(changes, event)


def balance_adjusted(changes: BalanceChanges, event: Event) -> None:
    _adjustment_lot(changes, event, amount=event.record["amount"])
    credit_moved(changes, event)


def dispute_won(changes: BalanceChanges, event: Event) -> None:
    """What had been overdraft has no lot to return to: it becomes one of kind ``adjustment`` (C12)."""
    _adjustment_lot(changes, event, amount=event.record["lot_amount"])
    credit_moved(changes, event)


def usage_corrected(changes: BalanceChanges, event: Event) -> None:
    """As a dispute that was won, for what is charged less; metered usage moves nothing (U16)."""
    if event.record["account_id"] is not None:
        dispute_won(changes, event)


def _adjustment_lot(changes: BalanceChanges, event: Event, *, amount: int) -> None:
    record = event.record
    if record["lot"] is None:
        return
    changes.lots_opened[record["tenant"], record["account_id"], record["lot"]] = LotOpened(
        kind="adjustment",
        amount=amount,
        remaining=record["lot_amount"],
        priority=ADJUSTMENT_PRIORITY,
        effective_at=record["recorded_at"],
        expires_at=None,
        recorded_at=record["recorded_at"],
        position=event.position,
    )


def _lot(changes: BalanceChanges, event: Event, *, kind: str, effective_at: int) -> None:
    record = event.record
    if record["lot"] is None:
        return
    changes.lots_opened[record["tenant"], record["account_id"], record["lot"]] = LotOpened(
        kind=kind,
        amount=record["amount"],
        remaining=record["lot_amount"],
        priority=record["priority"],
        effective_at=effective_at,
        expires_at=record["expires_at"],
        recorded_at=record["recorded_at"],
        position=event.position,
    )


def _move(changes: BalanceChanges, event: Event) -> None:
    record: dict[str, Any] = event.record
    _, overdraft, unbilled = movement(record["entries"])
    hold_changed(changes, event)
    moved = changes.moved[_account(event)]
    moved.overdraft += overdraft
    moved.unbilled += unbilled


def hold_changed(changes: BalanceChanges, event: Event) -> None:
    """A hold reserves and posts nothing: only what is held changes."""
    record: dict[str, Any] = event.record
    moved = changes.moved.setdefault(_account(event), Moved())
    moved.posted = record["balance_after"]
    moved.held = record["held_after"]
    moved.position = event.position
    moved.recorded_at = record["recorded_at"]


APPLIERS = {
    "AccountOpened": account_opened,
    "PurchaseRecorded": purchase_recorded,
    "CreditsGranted": credits_granted,
    "UsageRecorded": usage_recorded,
    "SuspendedUsageRated": usage_recorded,
    "UsageCorrected": usage_corrected,
    "FeeCharged": credit_moved,
    "CreditsExpired": credit_moved,
    "CreditsRolledOver": credits_rolled_over,
    "AccountSuspended": reasons_changed,
    "AccountResumed": reasons_changed,
    "AccountClosed": account_closed,
    "OverdraftLimitSet": overdraft_limit_set,
    "CreditLimitSet": credit_limit_set,
    "PurchaseRefunded": credit_moved,
    "DisputeOpened": credit_moved,
    "DisputeWon": dispute_won,
    "DisputeLost": credit_moved,
    "CreditsTransferredOut": credit_moved,
    "CreditsTransferredIn": credits_transferred_in,
    "BalanceAdjusted": balance_adjusted,
    "OverdraftWrittenOff": credit_moved,
    "HoldPlaced": hold_changed,
    "HoldSettled": hold_changed,
    "HoldReleased": hold_changed,
    "HoldExpired": hold_changed,
}
