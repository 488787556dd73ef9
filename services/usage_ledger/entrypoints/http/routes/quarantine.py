"""What an operator decides about one item in quarantine, by its attempt id."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import find_attempts, find_quarantined
from usage_ledger.entrypoints.http.attempt_source import keys_of, only_one
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.route import Handle
from usage_ledger.entrypoints.http.writes import Received, Write, receive, respond, submit
from usage_ledger.usage.answer import ItemAnswer
from usage_ledger.usage.commands import AssignPayer, DiscardQuarantined
from usage_ledger.usage.releasing import DiscardedAnswer

_OF_THE_ITEM: Final = ("item", "source")
_REFUSALS: Final = ("attempt_not_found", "ambiguous_usage_id", "already_decided", "missing_reason")

ASSIGN: Final = Write(
    "POST",
    "/v1/quarantine/{item}/assign",
    "Name the account that pays for usage that waits",
    (AssignPayer,),
    body_of(AssignPayer, without=_OF_THE_ITEM),
    command_from_body(AssignPayer),
    ItemAnswer,
    200,
    (*_REFUSALS, "account_not_found", "mode_disabled", "payer_not_required", "amount_out_of_range"),
    query_ids=("source",),
)

DISCARD: Final = Write(
    "POST",
    "/v1/quarantine/{item}/discard",
    "Give up usage that is in quarantine",
    (DiscardQuarantined,),
    body_of(DiscardQuarantined, without=_OF_THE_ITEM),
    command_from_body(DiscardQuarantined),
    DiscardedAnswer,
    200,
    _REFUSALS,
    query_ids=("source",),
)


WRITES: Final = (ASSIGN, DISCARD)


def decide(write: Write) -> Handle:
    decoder = msgspec.json.Decoder(write.body)

    async def handle(request: Request) -> Response:
        received = await receive(request, write, decoder)
        item = {"item": received.path_ids["item"], "source": await _source(received)}
        command = write.to_command(received.body, item)
        return respond(write, await submit(received, command, received.caller.tenant))

    return handle


async def _source(received: Received) -> str:
    """The one that was named; else the only one that has such an item in quarantine, or that ever had."""
    ids = received.path_ids
    if "source" in ids:
        return ids["source"]
    door = received.door
    sources = await keys_of(door, received.caller.tenant, ids["item"], None)
    async with door.reads.connection() as connection:
        kept = {found.key for found in await find_quarantined(connection, sources)}
        return sources[only_one(kept or await find_attempts(connection, sources), sources)]
