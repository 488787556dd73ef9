"""``GET /v1/usage/{id}``: one attempt, found through its idempotency row, with its full explanation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import event_at, find_attempts
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.authentication import Caller
from usage_ledger.entrypoints.http.identifiers import valid_id
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.usage_line import UsageLine, WaitingUsage, explain
from usage_ledger.usage.attempt_digests import attempt_key

QUERY: Final = (Query("source", "whose attempt it is, where several sources have one of this id"),)


async def usage_line(request: Request) -> Response:
    reading = await begin_reading(request, "usage_line", QUERY)
    attempt_id = reading.path_id("attempt_id")
    source, place = await _find(reading, attempt_id, await _sources(reading))
    async with reading.snapshot() as connection:
        event = await event_at(connection, *place)
    line = explain(event, source, attempt_id) if event else None
    if line is None:
        raise _not_found()
    _require_reach(reading.caller, line)
    return json_response(encode(line))


async def _sources(reading: Reading) -> Sequence[str]:
    """The one that was named; else all that keys of the tenant, or gateways that speak for it, send under."""
    named = reading.query("source")
    if named is not None:
        return [valid_id(named, "source")]
    return await reading.door.register.sources_of(reading.tenant)


async def _find(reading: Reading, attempt_id: str, sources: Sequence[str]) -> tuple[str, tuple[int, int]]:
    keys = {attempt_key(reading.tenant, source, attempt_id): source for source in sources}
    async with reading.snapshot() as connection:
        places = await find_attempts(connection, keys)
    found = sorted((keys[key], place) for key, place in places.items())
    if not found:
        raise _not_found()
    if len(found) > 1:
        names = [source for source, _ in found]
        raise Problem("ambiguous_usage_id", "several sources have this id: say which", members={"sources": names})
    return found[0]


def _require_reach(caller: Caller, line: UsageLine | WaitingUsage) -> None:
    account_id = line.account_id if isinstance(line, UsageLine) else None
    caller.require_reach(account_id, line.workspace_id)


def _not_found() -> Problem:
    return Problem("attempt_not_found", "no attempt of this id was taken")
