"""Reads of an account's journal and statement, newest first. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import account_incomplete, as_of
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut
from usage_ledger_views.reading.period import ALWAYS, Period, bounds

# A page of an account's movements within [from, to) of recorded_at, before the cursor's place.
_ENTRIES = """
    SELECT recorded_at, position, event_id::text, type, effect, running_balance, reference, occurred_at, entries::text
      FROM views.account_entries
     WHERE tenant = %(tenant)s AND account_id = %(account_id)s
       AND recorded_at >= %(start)s AND recorded_at < %(end)s
       AND (recorded_at, position) < (%(before_recorded_at)s, %(before_position)s)
     ORDER BY recorded_at DESC, position DESC LIMIT %(rows)s
"""

# The balance after the last movement before a time.
_BALANCE_BEFORE = """
    SELECT running_balance FROM views.account_entries
     WHERE tenant = %b AND account_id = %b AND recorded_at < %b
     ORDER BY recorded_at DESC, position DESC LIMIT 1
"""

# Whether there is such an account: an account without movements has an empty statement, an unknown one has none (A5).
_KNOWN = "SELECT FROM views.account_balances WHERE tenant = %b AND account_id = %b"


class Line(msgspec.Struct, frozen=True):
    """One side of a journal entry; ``amount`` is above zero."""

    code: int
    side: str
    amount: int
    lot: str | None = None


class JournalEntry(msgspec.Struct, frozen=True):
    """Lines whose debits equal their credits."""

    type: str
    lines: tuple[Line, ...]


class Movement(msgspec.Struct, frozen=True):
    """One event that moved money. ``effect`` is what it did to the balance, signed. Times are microseconds UTC."""

    event_id: str
    position: str
    type: str
    effect: int
    running_balance: int
    reference: str
    occurred_at: int
    recorded_at: int
    entries: tuple[JournalEntry, ...]


class Statement(msgspec.Struct, frozen=True):
    """``closing`` minus ``opening`` is the sum of the effects on all pages."""

    opening: int
    closing: int
    page: Page[Movement]


_entries = msgspec.json.Decoder(tuple[JournalEntry, ...])


async def list_movements(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    account_id: str,
    *,
    period: Period = ALWAYS,
    limit: int | None = None,
    after: str | None = None,
) -> Page[Movement] | None:
    """A page of movements; None if the views know no such account. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    values = {"tenant": tenant, "account_id": account_id, "rows": size + 1, **bounds(period, after)}
    if not await _known(connection, tenant, account_id):
        return None
    cursor = await connection.cursor(binary=True).execute(_ENTRIES, values)
    rows, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(_movement(shard, row) for row in rows),
        next=cursor_after(rows[-1][:2]) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )


async def read_statement(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    account_id: str,
    *,
    period: Period,
    limit: int | None = None,
    after: str | None = None,
) -> Statement | None:
    """A period's movements between two balances; None if the views know no such account.

    Raises InvalidCursor, psycopg.Error.
    """
    page = await list_movements(connection, shard, tenant, account_id, period=period, limit=limit, after=after)
    if page is None:
        return None
    return Statement(
        opening=await _balance_before(connection, tenant, account_id, period.start),
        closing=await _balance_before(connection, tenant, account_id, period.end),
        page=page,
    )


def _movement(shard: int, row: tuple[Any, ...]) -> Movement:
    recorded_at, position, event_id, entry_type, effect, running_balance, reference, occurred_at, entries = row
    return Movement(
        event_id=event_id,
        position=f"{shard}-{position}",
        type=entry_type,
        effect=effect,
        running_balance=running_balance,
        reference=reference,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        entries=_entries.decode(entries),
    )


async def _known(connection: AsyncConnection[Any], tenant: str, account_id: str) -> bool:
    cursor = await connection.cursor(binary=True).execute(_KNOWN, (tenant, account_id))
    return await cursor.fetchone() is not None


async def _balance_before(connection: AsyncConnection[Any], tenant: str, account_id: str, recorded_at: int) -> int:
    cursor = await connection.cursor(binary=True).execute(_BALANCE_BEFORE, (tenant, account_id, recorded_at))
    row = await cursor.fetchone()
    return 0 if row is None else row[0]
