"""The trial balance: debits and credits by currency and code, now or as of a point (J5).

Amounts are nano-units without an upper limit (M2). Now is read from ``code_balances``; a point of the past adds up the
lines of ``account_entries`` again, so it costs as much as history is long.
"""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.account_balances.history import Point
from usage_ledger_views.reading.as_of import AsOf, as_of, usage_incomplete
from usage_ledger_views.reading.operations import anything_blocked, read_progress

# Of one tenant, or of all.
_NOW = """
    SELECT currency, code, sum(debits), sum(credits) FROM views.code_balances
     WHERE %(tenant)s::text IS NULL OR tenant = %(tenant)s
     GROUP BY currency, code ORDER BY currency, code
"""

# The same from the lines themselves, of what was recorded by then. A position counts within one shard only.
_THEN = """
    SELECT account.currency, (line ->> 'code')::int AS code,
           sum(CASE line ->> 'side' WHEN 'debit' THEN (line ->> 'amount')::numeric ELSE 0 END),
           sum(CASE line ->> 'side' WHEN 'credit' THEN (line ->> 'amount')::numeric ELSE 0 END)
      FROM views.account_entries AS entry
      JOIN views.account_balances AS account
        ON account.tenant = entry.tenant AND account.account_id = entry.account_id,
           jsonb_path_query(entry.entries, '$[*].lines[*]') AS line
     WHERE (%(tenant)s::text IS NULL OR entry.tenant = %(tenant)s)
       AND entry.recorded_at <= %(recorded_at)s AND entry.position <= %(position)s
     GROUP BY 1, 2 ORDER BY 1, 2
"""

# The last of those lines' events.
_LAST_ENTRY = """
    SELECT position, recorded_at FROM views.account_entries
     WHERE tenant = %(tenant)s AND recorded_at <= %(recorded_at)s AND position <= %(position)s
     ORDER BY recorded_at DESC, position DESC LIMIT 1
"""


class CodeBalance(msgspec.Struct, frozen=True):
    """A code of the chart of accounts (A6)."""

    code: int
    debits: int
    credits: int


class CurrencyBalance(msgspec.Struct, frozen=True):
    """A currency's codes in ascending order. Debits equal credits, or the ledger is wrong."""

    currency: str
    codes: tuple[CodeBalance, ...]

    @property
    def debits(self) -> int:
        return sum(code.debits for code in self.codes)

    @property
    def credits(self) -> int:
        return sum(code.credits for code in self.codes)


class TrialBalance(msgspec.Struct, frozen=True):
    """By currency. ``positions`` name what is in it, one a shard; ``recorded_at`` is microseconds UTC."""

    currencies: tuple[CurrencyBalance, ...]
    positions: tuple[str, ...]
    recorded_at: int
    incomplete: bool


async def read_trial_balance(
    connection: AsyncConnection[Any], shard: int, tenant: str, point: Point | None = None
) -> TrialBalance:
    """Of one tenant. Raises psycopg.Error."""
    reflected = await as_of(connection, shard) if point is None else await _last_entry(connection, shard, tenant, point)
    return TrialBalance(
        currencies=await _currencies(connection, tenant, point),
        positions=(reflected.position,),
        recorded_at=reflected.recorded_at,
        incomplete=await usage_incomplete(connection, tenant),
    )


async def read_trial_balance_of_all(connection: AsyncConnection[Any], recorded_at: int | None = None) -> TrialBalance:
    """Of all tenants, now or by a time (microseconds UTC), which is one in all shards: then without positions.

    Raises psycopg.Error.
    """
    shards = await read_progress(connection)
    newest = max((shard.recorded_at for shard in shards), default=0)
    point = None if recorded_at is None else Point(recorded_at=recorded_at)
    return TrialBalance(
        currencies=await _currencies(connection, None, point),
        positions=tuple(f"{shard.shard}-{shard.position}" for shard in shards) if point is None else (),
        recorded_at=newest if point is None else min(newest, point.recorded_at),
        incomplete=await anything_blocked(connection),
    )


async def _currencies(
    connection: AsyncConnection[Any], tenant: str | None, point: Point | None
) -> tuple[CurrencyBalance, ...]:
    values = {"tenant": tenant} if point is None else {"tenant": tenant, **msgspec.structs.asdict(point)}
    cursor = await connection.cursor(binary=True).execute(_NOW if point is None else _THEN, values)
    codes: dict[str, list[CodeBalance]] = {}
    for currency, code, debits, credits_ in await cursor.fetchall():
        codes.setdefault(currency, []).append(CodeBalance(code, int(debits), int(credits_)))
    return tuple(CurrencyBalance(currency, tuple(found)) for currency, found in codes.items())


async def _last_entry(connection: AsyncConnection[Any], shard: int, tenant: str, point: Point) -> AsOf:
    values = {"tenant": tenant, **msgspec.structs.asdict(point)}
    cursor = await connection.cursor(binary=True).execute(_LAST_ENTRY, values)
    position, recorded_at = await cursor.fetchone() or (0, 0)
    return AsOf(f"{shard}-{position}", recorded_at)
