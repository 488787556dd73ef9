"""``GET /v1/holds`` and ``/v1/holds/{id}``: what is reserved, and what became of what was (H4-H7)."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.as_of import AsOfAnswer
from usage_ledger.entrypoints.http.instants import format_micros, format_micros_or_none
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.entrypoints.http.problems import InvalidRequest, Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import READ_REFUSALS, Query, Route
from usage_ledger.entrypoints.http.view_reading import (
    PAGE,
    WAIT_FOR,
    WORKSPACE,
    age_s,
    await_position,
    limit_of,
    reach_of,
    reflected,
)
from usage_ledger.money import format_amount
from usage_ledger_views.holds.queries import (
    Hold,
    HoldFilter,
    HoldTotals,
    list_holds,
    read_hold,
    read_hold_totals,
)

_STATES: Final = ("open", "settled", "released", "expired")

LIST_QUERY: Final = (
    Query("account_id", "only holds on this account"),
    WORKSPACE,
    Query("state", f"only those that are {', '.join(_STATES)}", {"type": "string", "enum": list(_STATES)}),
    WAIT_FOR,
    *PAGE,
)
ONE_QUERY: Final = (WAIT_FOR,)


class HoldItem(msgspec.Struct, frozen=True):
    """``amount`` as it was placed; ``held`` is what is still reserved, ``overage`` is part of ``captured``.

    ``model`` null: the amount was given, not rated.
    """

    hold_id: str
    account_id: str
    workspace_id: str
    state: str
    amount: str
    held: str
    captured: str
    overage: str
    released: str
    currency: str
    mode: str
    mode_source: str
    payer_reason: str
    used_by: str | None
    user: str | None
    model: str | None
    price_version: str | None
    placed_at: str
    age_s: int
    expires_at: str
    closed_at: str | None
    position: str


class HoldTotalsItem(msgspec.Struct, frozen=True):
    """All holds of one currency: how many there ever were and are open, and their sums."""

    currency: str
    placed: int
    open: int
    held: str
    captured: str
    overage: str
    released: str


class HoldsAnswer(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is null on the last page.

    ``totals`` are of the account that was asked for, or of all, whatever the workspace and the state; null for a key
    that is restricted to a workspace.
    """

    items: list[HoldItem]
    totals: list[HoldTotalsItem] | None
    next: str | None
    as_of: AsOfAnswer
    incomplete: bool


class HoldItemAnswer(HoldItem, frozen=True, kw_only=True):
    """One hold."""

    as_of: AsOfAnswer
    incomplete: bool


async def holds(request: Request) -> Response:
    reading = await begin_reading(request, "holds", LIST_QUERY)
    chosen = HoldFilter(*reach_of(reading), _state(reading))
    limit, after = limit_of(reading), reading.query("after")
    await await_position(reading)
    async with reading.snapshot() as connection:
        page = await list_holds(connection, reading.shard, reading.tenant, chosen=chosen, limit=limit, after=after)
        totals = await read_hold_totals(connection, reading.tenant, chosen.account_id)
    answer = HoldsAnswer(
        items=[_item(reading, hold) for hold in page.items],
        totals=[_totals(each) for each in totals] if reading.caller.key.workspace_id is None else None,
        next=page.next,
        as_of=reflected(page.as_of),
        incomplete=page.incomplete,
    )
    return json_response(encode(answer))


async def hold(request: Request) -> Response:
    reading = await begin_reading(request, "holds", ONE_QUERY)
    hold_id = reading.path_id("hold_id")
    await await_position(reading)
    async with reading.snapshot() as connection:
        found = await read_hold(connection, reading.shard, reading.tenant, hold_id)
    if found is None:
        raise Problem("hold_not_found", f"the views know no hold {hold_id}")
    reading.caller.require_reach_of_call(found.hold.account_id, found.hold.used_by, found.hold.workspace_id)
    item = msgspec.structs.asdict(_item(reading, found.hold))
    return json_response(encode(HoldItemAnswer(**item, as_of=reflected(found.as_of), incomplete=found.incomplete)))


def _state(reading: Reading) -> str | None:
    asked = reading.query("state")
    if asked is not None and asked not in _STATES:
        raise InvalidRequest("invalid_value", f"state: expected one of {', '.join(_STATES)}")
    return asked


def _item(reading: Reading, each: Hold) -> HoldItem:
    return HoldItem(
        hold_id=each.hold_id,
        account_id=each.account_id,
        workspace_id=each.workspace_id,
        state=each.state,
        amount=format_amount(each.amount),
        held=format_amount(each.held),
        captured=format_amount(each.captured),
        overage=format_amount(each.overage),
        released=format_amount(each.released),
        currency=each.currency,
        mode=each.mode,
        mode_source=each.mode_source,
        payer_reason=each.payer_reason,
        used_by=each.used_by,
        user=each.user_id,
        model=each.model,
        price_version=each.price_version,
        placed_at=format_micros(each.placed_at),
        age_s=age_s(reading, each.placed_at),
        expires_at=format_micros(each.expires_at),
        closed_at=format_micros_or_none(each.closed_at),
        position=str(Position(reading.shard, each.position)),
    )


def _totals(totals: HoldTotals) -> HoldTotalsItem:
    return HoldTotalsItem(
        currency=totals.currency,
        placed=totals.placed,
        open=totals.open,
        held=format_amount(totals.held),
        captured=format_amount(totals.captured),
        overage=format_amount(totals.overage),
        released=format_amount(totals.released),
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/holds",
        name="ListHolds",
        tag="holds",
        summary="Credit that is or was reserved for calls, newest first",
        handle=holds,
        answers=(HoldsAnswer,),
        refusals=(*READ_REFUSALS, "wrong_shard"),
        query=LIST_QUERY,
    ),
    Route(
        method="GET",
        path="/v1/holds/{hold_id}",
        name="GetHold",
        tag="holds",
        summary="One hold, and what became of it",
        handle=hold,
        answers=(HoldItemAnswer,),
        refusals=(*READ_REFUSALS, "hold_not_found", "wrong_shard"),
        query=ONE_QUERY,
    ),
)
