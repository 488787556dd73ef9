"""``GET /v1/usage/{id}``: one attempt, found through its idempotency row, with its full explanation."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import event_at, find_attempts, find_quarantined
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.attempt_source import SOURCE_QUERY, attempt_not_found, keys_of, only_one
from usage_ledger.entrypoints.http.authentication import Caller
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.reading import begin_reading
from usage_ledger.entrypoints.http.usage_line import DiscardedUsage, UsageLine, WaitingUsage, explain

QUERY: Final = (SOURCE_QUERY,)

Explained = UsageLine | WaitingUsage | DiscardedUsage


async def usage_line(request: Request) -> Response:
    reading = await begin_reading(request, "usage_line", QUERY)
    attempt_id, named = reading.path_id("attempt_id"), reading.query("source")
    source = None if named is None else valid_id(named, "source")
    sources = await keys_of(reading.door, reading.tenant, attempt_id, source)
    async with reading.snapshot() as connection:
        places = await find_attempts(connection, sources)
        key = only_one(places, sources)
        event = await event_at(connection, *places[key])
        explained = explain(event, sources[key], attempt_id) if event else None
        if isinstance(explained, WaitingUsage):
            explained = await _waiting_now(connection, key, explained)
    if explained is None:
        raise attempt_not_found()
    _require_reach(reading.caller, explained)
    return json_response(encode(explained))


async def _waiting_now(connection: AsyncConnection[Any], key: bytes, waiting: WaitingUsage) -> WaitingUsage:
    """It may wait for another reason by now than when it came."""
    reasons = {found.disposition: found.reason for found in await find_quarantined(connection, [key])}
    return msgspec.structs.replace(waiting, reason=reasons.get("waiting", waiting.reason))


def _require_reach(caller: Caller, explained: Explained) -> None:
    if isinstance(explained, UsageLine):
        caller.require_reach_of_call(explained.account_id, explained.used_by, explained.workspace_id)
    else:
        caller.require_reach(None, explained.workspace_id)
