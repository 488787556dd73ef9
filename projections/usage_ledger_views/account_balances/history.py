"""The balance of an account as it was: its lines added up again, to a position or to a time."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.account_balances.queries import PAID_KINDS, Account, Balance, Lot, read_account
from usage_ledger_views.journal import OVERDRAFT, UNBILLED
from usage_ledger_views.reading.as_of import AsOf, account_incomplete

# The last movement at or before the point. One of the two bounds is given, the other is the largest number.
_LAST_ENTRY = """
    SELECT position, recorded_at, running_balance, held
      FROM views.account_entries
     WHERE tenant = %(tenant)s AND account_id = %(account_id)s
       AND recorded_at <= %(recorded_at)s AND position <= %(position)s
     ORDER BY recorded_at DESC, position DESC LIMIT 1
"""

# The last change of what it held, at or before the point.
_LAST_HELD = """
    SELECT position, recorded_at, held FROM views.held_after
     WHERE tenant = %(tenant)s AND account_id = %(account_id)s
       AND recorded_at <= %(recorded_at)s AND position <= %(position)s
     ORDER BY recorded_at DESC, position DESC LIMIT 1
"""

# What was owed on 1300 and unbilled on 1200 by then: debits minus credits.
_DEBTS = """
    SELECT (line ->> 'code')::int AS code,
           sum(CASE line ->> 'side' WHEN 'debit' THEN 1 ELSE -1 END * (line ->> 'amount')::numeric)::bigint AS amount
      FROM views.account_entries AS entry,
           jsonb_path_query(entry.entries, '$[*].lines[*] ? (@.code == 1200 || @.code == 1300)') AS line
     WHERE entry.tenant = %(tenant)s AND entry.account_id = %(account_id)s
       AND entry.recorded_at <= %(recorded_at)s AND entry.position <= %(position)s
     GROUP BY code
"""

# What was left of each lot by then, in the order of C3: what came in minus what was drawn.
_LOTS = """
    SELECT lot.lot, lot.kind, lot.amount, moved.remaining, lot.priority, lot.effective_at, lot.expires_at
      FROM (SELECT line ->> 'lot' AS lot,
                   sum(CASE line ->> 'side' WHEN 'credit' THEN 1 ELSE -1 END
                       * (line ->> 'amount')::numeric)::bigint AS remaining
              FROM views.account_entries AS entry,
                   jsonb_path_query(entry.entries, '$[*].lines[*] ? (@.code == 2000)') AS line
             WHERE entry.tenant = %(tenant)s AND entry.account_id = %(account_id)s
               AND entry.recorded_at <= %(recorded_at)s AND entry.position <= %(position)s
             GROUP BY 1) AS moved
      JOIN views.account_lots AS lot
        ON lot.tenant = %(tenant)s AND lot.account_id = %(account_id)s AND lot.lot = moved.lot
     WHERE moved.remaining > 0
     ORDER BY lot.priority, lot.expires_at NULLS LAST, lot.kind = ANY(%(paid)s::text[]), lot.effective_at,
              lot.recorded_at, lot.position, length(lot.lot), lot.lot
"""

_LARGEST = 2**63 - 1


class Point(msgspec.Struct, frozen=True):
    """A point of an account's history, inclusive: a position of its shard, or microseconds UTC of recording."""

    position: int = _LARGEST
    recorded_at: int = _LARGEST


async def read_balance_as_of(
    connection: AsyncConnection[Any], shard: int, tenant: str, account_id: str, point: Point
) -> Balance | None:
    """The account's terms as they are, its figures as they were; None before it was opened. Raises psycopg.Error.

    Adds up the account's lines, so it costs as much as its history is long; nothing else is kept for it.
    """
    account = await read_account(connection, tenant, account_id)
    if account is None or account.opened_at > point.recorded_at:
        return None
    values = {"tenant": tenant, "account_id": account_id, "paid": PAID_KINDS, **msgspec.structs.asdict(point)}
    position, recorded_at, posted, held = await _last_entry(connection, values, account)
    held_at, held_recorded_at, held_then = await _last_held(connection, values)
    if held_at > position:
        position, recorded_at, held = held_at, held_recorded_at, held_then
    debts = await _debts(connection, values)
    return Balance(
        account=msgspec.structs.replace(
            account,
            posted=posted,
            held=held,
            available=posted - held,
            overdraft=debts.get(OVERDRAFT, 0),
            unbilled=debts.get(UNBILLED, 0),
        ),
        lots=await _lots(connection, values),
        as_of=AsOf(f"{shard}-{position}", recorded_at),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )


async def _last_entry(
    connection: AsyncConnection[Any], values: dict[str, Any], account: Account
) -> tuple[int, int, int, int]:
    cursor = await connection.cursor(binary=True).execute(_LAST_ENTRY, values)
    row = await cursor.fetchone()
    return row if row is not None else (0, account.opened_at, 0, 0)


async def _last_held(connection: AsyncConnection[Any], values: dict[str, Any]) -> tuple[int, int, int]:
    cursor = await connection.cursor(binary=True).execute(_LAST_HELD, values)
    return await cursor.fetchone() or (0, 0, 0)


async def _debts(connection: AsyncConnection[Any], values: dict[str, Any]) -> dict[int, int]:
    cursor = await connection.cursor(binary=True).execute(_DEBTS, values)
    return dict(await cursor.fetchall())


async def _lots(connection: AsyncConnection[Any], values: dict[str, Any]) -> tuple[Lot, ...]:
    async with connection.cursor(binary=True, row_factory=class_row(Lot)) as cursor:
        await cursor.execute(_LOTS, values)
        return tuple(await cursor.fetchall())
