"""Holds, newest first, one by its id, and all of them together. Nano-units; times are microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import AsOf, as_of, usage_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

_LARGEST = 2**63 - 1

_HOLD = """
    SELECT hold_id, account_id, workspace_id, currency, amount, model, price_version, mode, mode_source, payer_reason,
           used_by, user_id, placed_at, expires_at, position, state, held, captured, overage, released, closed_at
      FROM views.holds
"""

# A page of a tenant's holds, of one account, workspace or state where the key or the question says so.
_HOLDS = f"""
    {_HOLD}
     WHERE tenant = %(tenant)s AND position < %(position)s
       AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(state)s::text IS NULL OR state = %(state)s)
     ORDER BY position DESC LIMIT %(rows)s
"""

# The open holds of one account: few among many, so they have an index of their own.
_OPEN_OF_ACCOUNT = f"""
    {_HOLD}
     WHERE tenant = %(tenant)s AND account_id = %(account_id)s AND state = 'open' AND position < %(position)s
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
     ORDER BY position DESC LIMIT %(rows)s
"""

_ONE = f"{_HOLD} WHERE tenant = %b AND hold_id = %b"

# All holds of the account, or of all, by currency.
_TOTALS = """
    SELECT currency, sum(placed)::bigint, sum(open)::bigint, sum(held), sum(captured), sum(overage), sum(released)
      FROM views.hold_totals
     WHERE tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
     GROUP BY currency ORDER BY currency
"""


class Hold(msgspec.Struct, frozen=True):
    """A hold: ``amount`` as it was placed, ``held`` what is still reserved."""

    hold_id: str
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
    state: str
    held: int
    captured: int
    overage: int
    released: int
    closed_at: int | None


class HoldTotals(msgspec.Struct, frozen=True):
    """All holds of one currency: how many were ever ``placed`` and are ``open``; nano-units without upper limit."""

    currency: str
    placed: int
    open: int
    held: int
    captured: int
    overage: int
    released: int


class HoldFilter(msgspec.Struct, frozen=True):
    """None = any. ``state``: open, settled, released, expired."""

    account_id: str | None = None
    workspace_id: str | None = None
    state: str | None = None


class HoldFound(msgspec.Struct, frozen=True):
    """One hold, and what the answer reflects."""

    hold: Hold
    as_of: AsOf
    incomplete: bool


async def list_holds(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    chosen: HoldFilter,
    limit: int | None = None,
    after: str | None = None,
) -> Page[Hold]:
    """A page of a tenant's holds. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    before = key_of(after, int) if after else _LARGEST
    values = {"tenant": tenant, "position": before, "rows": size + 1, **msgspec.structs.asdict(chosen)}
    question = _OPEN_OF_ACCOUNT if chosen.state == "open" and chosen.account_id else _HOLDS
    async with connection.cursor(binary=True, row_factory=class_row(Hold)) as cursor:
        await cursor.execute(question, values)
        holds, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(holds),
        next=cursor_after(holds[-1].position) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await usage_incomplete(connection, tenant),
    )


async def read_hold(connection: AsyncConnection[Any], shard: int, tenant: str, hold_id: str) -> HoldFound | None:
    """None if the views know no such hold. Raises psycopg.Error."""
    async with connection.cursor(binary=True, row_factory=class_row(Hold)) as cursor:
        await cursor.execute(_ONE, (tenant, hold_id))
        hold = await cursor.fetchone()
    if hold is None:
        return None
    return HoldFound(hold, await as_of(connection, shard), await usage_incomplete(connection, tenant))


async def read_hold_totals(
    connection: AsyncConnection[Any], tenant: str, account_id: str | None = None
) -> tuple[HoldTotals, ...]:
    """By currency. Raises psycopg.Error."""
    rows = await (await connection.execute(_TOTALS, {"tenant": tenant, "account_id": account_id})).fetchall()
    return tuple(HoldTotals(currency, placed, opened, *map(int, sums)) for currency, placed, opened, *sums in rows)
