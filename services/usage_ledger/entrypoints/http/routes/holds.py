"""Holds: credit reserved for calls in flight, placed by account and closed by the hold's own id."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.accounts.holds.answers import HoldAnswer, ReleasedAnswer, SettledAnswer
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold, SettleHold
from usage_ledger.accounts.holds.hold_id import hold_digest
from usage_ledger.adapters.postgres.ledger_reader import find_hold
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.payer_reach import require_payer_of
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.usage_answer import answer_for_one
from usage_ledger.entrypoints.http.writes import Received, Write, receive, respond, send, submit
from usage_ledger.submission import Outcome
from usage_ledger.usage.attempt import DEFAULT_CAPABILITY

_AMOUNT_REFUSALS: Final = ("invalid_amount", "amount_too_precise", "amount_out_of_range", "amount_not_positive")
_STATE_REFUSALS: Final = ("account_closed", "account_suspended", "mode_disabled", "payer_required", "run_not_decided")
_ITEM_REFUSALS: Final = (
    *("unknown_unit", "invalid_quantity", "inconsistent_usage", "occurred_in_future", "outside_late_window"),
    "idempotency_conflict",
)
_MONEY_REFUSALS: Final = ("budget_exceeded", "bill_to_cap_exceeded", "credits_exhausted", "insufficient_credits")

PLACE: Final = Write(
    "POST",
    "/v1/accounts/{account_id}/holds",
    "Reserve credit for a call that is about to be made",
    (PlaceHold,),
    body_of(PlaceHold, without=("account_id",), names_tenant=True),
    command_from_body(PlaceHold),
    HoldAnswer,
    201,
    (
        *("account_not_found", "workspace_not_found", "hold_exists", "currency_mismatch", "invalid_quantity"),
        *_AMOUNT_REFUSALS,
        *(*_STATE_REFUSALS, "bill_to_not_authorized"),
        *("rate_limited", "circuit_open", "attribution_invalid", "unpriced_model"),
        *_MONEY_REFUSALS,
    ),
    tells_credits=True,
)

SETTLE: Final = Write(
    "POST",
    "/v1/holds/{hold_id}/settle",
    "Charge what a call came to, and close its hold",
    (SettleHold,),
    body_of(SettleHold, without=("hold_id",), names_tenant=True),
    command_from_body(SettleHold),
    SettledAnswer,
    200,
    ("hold_not_found", "currency_mismatch", *_AMOUNT_REFUSALS, *_ITEM_REFUSALS),
    tells_credits=True,
)

RELEASE: Final = Write(
    "POST",
    "/v1/holds/{hold_id}/release",
    "Give up what an open hold reserves",
    (ReleaseHold,),
    body_of(ReleaseHold, without=("hold_id",), names_tenant=True),
    command_from_body(ReleaseHold),
    ReleasedAnswer,
    200,
    ("hold_not_found", "hold_not_open"),
    may_be_empty=True,
    tells_credits=True,
)

_place_decoder: Final = msgspec.json.Decoder(PLACE.body)
_settle_decoder: Final = msgspec.json.Decoder(SETTLE.body)
_release_decoder: Final = msgspec.json.Decoder(RELEASE.body)


async def place(request: Request) -> Response:
    received = await receive(request, PLACE, _place_decoder)
    tenant = received.caller.tenant_named(received.body.tenant)
    body = received.body
    model = body.estimate.model if body.estimate else None
    received.caller.require_call(body.capability or DEFAULT_CAPABILITY, model, body.bill_to)
    command = PLACE.to_command(body, received.path_ids)
    if received.caller.key.account_id is not None:
        # Where nobody pays, a hold would let usage in for a workspace that the key may not speak for.
        await require_payer_of(received.door, received.caller, tenant, body.workspace_id)
    received.caller.require_capability(received.body.capability or DEFAULT_CAPABILITY)
    return respond(PLACE, await submit(received, command, tenant))


async def settle(request: Request) -> Response:
    """Its answer is that of usage, with what became of the hold; an item that is not taken is a problem."""
    received = await receive(request, SETTLE, _settle_decoder)
    if received.body.item is not None:
        received.caller.require_bill_to(received.body.item.bill_to)
    command = SETTLE.to_command(received.body, received.path_ids)
    outcome = await _send_about(received, command, received.path_ids["hold_id"])
    if outcome.outcome == "duplicate":
        return answer_for_one(outcome)
    return respond(SETTLE, outcome)


async def release(request: Request) -> Response:
    received = await receive(request, RELEASE, _release_decoder)
    command = RELEASE.to_command(received.body, received.path_ids)
    return respond(RELEASE, await _send_about(received, command, received.path_ids["hold_id"]))


async def _send_about(received: Received, command: msgspec.Struct, hold_id: str) -> Outcome:
    """A restricted key closes only holds of its account or workspace, which only the hold itself can tell."""
    tenant = received.caller.tenant_named(received.body.tenant)
    if received.caller.is_restricted:
        await _require_reach(received, tenant, hold_id)
    return await send(received, command, tenant)


async def _require_reach(received: Received, tenant: str, hold_id: str) -> None:
    async with received.door.reads.connection() as connection:
        hold = await find_hold(connection, hold_digest(tenant, hold_id))
    if hold is None:
        raise Problem("hold_not_found", "no hold of this id was placed")
    received.caller.require_reach(hold.used_by or hold.account_id, hold.workspace_id)
