"""``GET /v1/commands/{source}/{id}``: what became of a command whose answer was lost (U1)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import CommandFound, Connection, event_at, find_command
from usage_ledger.appending.digest import digest16
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading

PATH: Final = "/v1/commands/{source}/{command_id:path}"
MAX_ID: Final = 512
"""Ids that the ledger itself gives are longer than those that clients may give, and contain slashes."""


class CommandAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``items`` for usage, ``answer`` for every other command; a refused command has a code instead."""

    outcome: str
    positions: list[str]
    recorded_at: str
    code: str | None = None
    detail: str = ""
    items: list[dict[str, Any]] | None = None
    answer: dict[str, Any] | None = None


async def command(request: Request) -> Response:
    reading = await begin_reading(request, None)
    source = reading.path_id("source")
    if source != reading.caller.source:
        reading.caller.require("command_of_another_source")
        reading.caller.require_reach()
    found = await _find(reading, source)
    if found is None:
        raise Problem("command_not_found", "no command of this source and id was decided")
    return json_response(encode(_answer(found)))


async def _find(reading: Reading, source: str) -> CommandFound | None:
    command_id = str(reading.request.path_params["command_id"])
    if len(command_id) > MAX_ID:
        return None
    async with reading.snapshot() as connection:
        found = await find_command(connection, digest16(reading.tenant, source, command_id))
        if found is None or not reading.caller.is_restricted:
            return found
        return found if await _is_of_this_key(connection, reading, found) else None


async def _is_of_this_key(connection: Connection, reading: Reading, found: CommandFound) -> bool:
    """A restricted key shares its source with others, whose answers may speak of what it does not reach."""
    if not found.positions:
        return False
    shard, position = found.positions[-1].split("-")
    event = await event_at(connection, int(shard), int(position))
    return event is not None and event.envelope.actor.id == reading.caller.key.key_id


def _answer(found: CommandFound) -> CommandAnswer:
    answer: dict[str, Any] = msgspec.json.decode(found.answer)
    items = answer.get("items")
    return CommandAnswer(
        outcome=found.outcome,
        positions=found.positions,
        recorded_at=format_micros(found.recorded_at),
        code=found.code or answer.get("code"),
        detail=found.detail,
        items=items,
        answer=answer if answer and items is None else None,
    )
