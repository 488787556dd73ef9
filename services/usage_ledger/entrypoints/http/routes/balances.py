"""An account's balance, journal and statement, from the views."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import Connection, standing_at
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.instants import parse_instant
from usage_ledger.entrypoints.http.positions import is_position, parse_position
from usage_ledger.entrypoints.http.problems import Problem
from usage_ledger.entrypoints.http.reading import Reading, begin_reading
from usage_ledger.entrypoints.http.recorded_period import PERIOD, period_of
from usage_ledger.entrypoints.http.route import Query
from usage_ledger.entrypoints.http.scopes import Read
from usage_ledger.entrypoints.http.view_answers import (
    EntriesAnswer,
    balance_answer,
    entry_answers,
    statement_answer,
)
from usage_ledger.entrypoints.http.view_reading import PAGE, WAIT_FOR, await_position, limit_of, reflected
from usage_ledger_views.account_balances.history import Point, read_balance_as_of
from usage_ledger_views.account_balances.queries import Balance, read_balance
from usage_ledger_views.account_entries.queries import list_movements, read_statement

BALANCE_QUERY: Final = (WAIT_FOR, Query("as_of", "a position of the tenant's shard, or an RFC 3339 time"))
ENTRIES_QUERY: Final = (WAIT_FOR, *PAGE)
STATEMENT_QUERY: Final = (WAIT_FOR, *PAGE, *PERIOD)


async def balance(request: Request) -> Response:
    reading, account_id = await _begin(request, "balance", BALANCE_QUERY)
    found = await _balance(reading, account_id)
    if found is None:
        raise _not_found(account_id)
    return json_response(encode(balance_answer(found)))


async def entries(request: Request) -> Response:
    reading, account_id = await _begin(request, "entries", ENTRIES_QUERY)
    limit, after = limit_of(reading), reading.query("after")
    async with reading.snapshot() as connection:
        page = await list_movements(connection, reading.shard, reading.tenant, account_id, limit=limit, after=after)
    if page is None:
        raise _not_found(account_id)
    items = [entry for movement in page.items for entry in entry_answers(movement)]
    return json_response(encode(EntriesAnswer(items, page.next, reflected(page.as_of), page.incomplete)))


async def statement(request: Request) -> Response:
    reading, account_id = await _begin(request, "statement", STATEMENT_QUERY)
    period, limit, after = period_of(reading), limit_of(reading), reading.query("after")
    async with reading.snapshot() as connection:
        found = await read_statement(
            connection, reading.shard, reading.tenant, account_id, period=period, limit=limit, after=after
        )
    if found is None:
        raise _not_found(account_id)
    return json_response(encode(statement_answer(found)))


async def _begin(request: Request, read: Read, query: tuple[Query, ...]) -> tuple[Reading, str]:
    reading = await begin_reading(request, read, query)
    account_id = reading.path_id("account_id")
    reading.caller.require_reach(account_id)
    await await_position(reading)
    return reading, account_id


async def _balance(reading: Reading, account_id: str) -> Balance | None:
    asked = reading.query("as_of")
    async with reading.snapshot() as connection:
        if asked is None:
            return await read_balance(connection, reading.shard, reading.tenant, account_id)
        point = await _point(connection, asked, reading.shard)
        return await read_balance_as_of(connection, reading.shard, reading.tenant, account_id, point)


async def _point(connection: Connection, asked: str, shard: int) -> Point:
    """A position is bounded by its own time too, as an account is not there before the time it was opened at (A5)."""
    if not is_position(asked):
        return Point(recorded_at=parse_instant(asked, "as_of"))
    position = parse_position(asked, "as_of", shard)
    return Point(position, (await standing_at(connection, shard, position)).recorded_at)


def _not_found(account_id: str) -> Problem:
    return Problem("account_not_found", f"the views know no account {account_id}")
