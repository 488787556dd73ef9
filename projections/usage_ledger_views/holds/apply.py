"""A hold is placed; settlements capture of it, perhaps several; then it is settled, released or expired (H4-H7)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from usage_ledger_views.event import Event


class HoldName(NamedTuple):
    """Unique by tenant."""

    tenant: str
    hold_id: str


class PlacedHold(NamedTuple):
    """The columns of ``views.holds`` that never change, in the table's order after its key."""

    account_id: str
    workspace_id: str
    currency: str
    amount: int
    model: str | None
    price_version: str | None
    mode: str
    mode_source: str
    payer_reason: str
    used_by: str | None
    user_id: str | None
    placed_at: int
    expires_at: int
    position: int


class HoldStanding(msgspec.Struct):
    """How a hold stands after the batch, and what the batch added to its sums."""

    state: str
    held: int
    captured: int = 0
    overage: int = 0
    released: int = 0
    closed_at: int | None = None


class HoldTotals(msgspec.Struct):
    """What a batch adds to the sums of an account's holds; ``open`` and ``held`` may go down."""

    currency: str
    placed: int = 0
    open: int = 0
    held: int = 0
    captured: int = 0
    overage: int = 0
    released: int = 0


class HeldAfter(NamedTuple):
    """A row of ``views.held_after``, its columns in the table's order."""

    tenant: str
    account_id: str
    recorded_at: int
    position: int
    held: int


class HoldChanges(msgspec.Struct):
    """Holds that came with the batch, how those that it touched stand now, and totals by tenant and account."""

    placed: dict[HoldName, PlacedHold] = {}
    standing: dict[HoldName, HoldStanding] = {}
    totals: dict[tuple[str, str], HoldTotals] = {}
    held: list[HeldAfter] = []


def hold_placed(changes: HoldChanges, event: Event) -> None:
    record = event.record
    decision: dict[str, Any] = record["decision"]
    estimate: dict[str, Any] = record["estimate"] or {}
    detail: dict[str, Any] = decision["detail"] or {}
    attribution: dict[str, Any] = detail.get("attribution") or {}
    name = HoldName(record["tenant"], record["hold_id"])
    changes.placed[name] = PlacedHold(
        account_id=record["account_id"],
        workspace_id=decision["workspace_id"],
        currency=record["currency"],
        amount=record["amount"],
        model=estimate.get("model"),
        price_version=estimate.get("price_version"),
        mode=decision["mode"],
        mode_source=decision["mode_source"],
        payer_reason=decision["payer_reason"],
        used_by=detail.get("used_by"),
        user_id=attribution.get("user"),
        placed_at=record["recorded_at"],
        expires_at=record["expires_at"],
        position=event.position,
    )
    changes.standing[name] = HoldStanding("open", record["amount"])
    totals = _totals(changes, event)
    totals.placed += 1
    totals.open += 1
    totals.held += record["amount"]


def hold_settled(changes: HoldChanges, event: Event) -> None:
    """One that is not final leaves the rest reserved for what is still to come (H5)."""
    record = event.record
    captured, overage, released = record["captured"], record["overage"], record["released"]
    taken = captured - overage + released
    standing = _standing(changes, record, "settled" if record["final"] else "open", record["held"] - taken)
    totals = _totals(changes, event)
    for each in (standing, totals):
        each.captured += captured
        each.overage += overage
        each.released += released
    totals.open -= record["final"]
    totals.held -= taken


def hold_released(changes: HoldChanges, event: Event) -> None:
    _free(changes, event, "released")


def hold_expired(changes: HoldChanges, event: Event) -> None:
    _free(changes, event, "expired")


def _free(changes: HoldChanges, event: Event, state: str) -> None:
    amount = event.record["amount"]
    standing, totals = _standing(changes, event.record, state, 0), _totals(changes, event)
    standing.released += amount
    totals.released += amount
    totals.open -= 1
    totals.held -= amount


def _standing(changes: HoldChanges, record: dict[str, Any], state: str, held: int) -> HoldStanding:
    standing = changes.standing.setdefault(HoldName(record["tenant"], record["hold_id"]), HoldStanding(state, held))
    standing.state = state
    standing.held = held
    standing.closed_at = None if state == "open" else record["recorded_at"]
    return standing


def _totals(changes: HoldChanges, event: Event) -> HoldTotals:
    """The sums of the event's account, whose change of what it holds is noted as well."""
    record = event.record
    key = (record["tenant"], record["account_id"])
    changes.held.append(HeldAfter(*key, record["recorded_at"], event.position, record["held_after"]))
    return changes.totals.setdefault(key, HoldTotals(record["currency"]))


APPLIERS = {
    "HoldPlaced": hold_placed,
    "HoldSettled": hold_settled,
    "HoldReleased": hold_released,
    "HoldExpired": hold_expired,
}
