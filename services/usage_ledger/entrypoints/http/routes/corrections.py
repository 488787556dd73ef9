"""Usage that was booked is corrected by its attempt id, or an account's usage of a period is rated again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import find_attempts
from usage_ledger.entrypoints.http.attempt_source import keys_of, only_one
from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.instants import Instant, to_micros
from usage_ledger.entrypoints.http.writes import Received, Write, receive, respond, submit
from usage_ledger.identifiers import Id
from usage_ledger.usage.corrections.commands import CorrectUsage, RerateUsage
from usage_ledger.usage.corrections.correcting import CorrectionAnswer
from usage_ledger.usage.corrections.rerating import RerateAnswer


class RerateUsageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """An account's usage that occurred in [``from``, ``to``). ``dry_run``: say the differences and book nothing."""

    account_id: Id
    start: Instant
    end: Instant
    dry_run: bool = False


def _rerate(body: RerateUsageBody, _: Mapping[str, Any]) -> RerateUsage:
    return RerateUsage(body.account_id, to_micros(body.start), to_micros(body.end), body.dry_run)


CORRECT: Final = Write(
    "POST",
    "/v1/usage/{attempt_id}/corrections",
    "Correct or void usage that was booked",
    (CorrectUsage,),
    body_of(CorrectUsage, without=("item", "source")),
    command_from_body(CorrectUsage),
    CorrectionAnswer,
    201,
    (
        *("attempt_not_found", "ambiguous_usage_id", "already_void", "missing_reason", "amount_out_of_range"),
        *("unknown_unit", "invalid_quantity", "inconsistent_usage", "raw_usage_too_large"),
    ),
    query_ids=("source",),
    tells_credits=True,
)

RERATE: Final = Write(
    "POST",
    "/v1/usage/rerate",
    "Rate an account's usage of a period again, by what is known of prices now",
    (RerateUsage,),
    RerateUsageBody,
    _rerate,
    RerateAnswer,
    200,
    ("account_not_found", "too_many_lines", "amount_out_of_range"),
)

_decoder: Final = msgspec.json.Decoder(CORRECT.body)


async def correct(request: Request) -> Response:
    """A restricted key corrects nothing: whose account and workspace the line is of, only its event says."""
    received = await receive(request, CORRECT, _decoder)
    item = {"item": received.path_ids["attempt_id"], "source": await _source(received)}
    command = CORRECT.to_command(received.body, item)
    return respond(CORRECT, await submit(received, command, received.caller.tenant))


async def _source(received: Received) -> str:
    """The one that was named, else the only one that has such an attempt."""
    ids = received.path_ids
    if "source" in ids:
        return ids["source"]
    sources = await keys_of(received.door, received.caller.tenant, ids["attempt_id"], None)
    async with received.door.reads.connection() as connection:
        return sources[only_one(await find_attempts(connection, sources), sources)]
