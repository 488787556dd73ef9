"""Reads of balances: now, and as of a position or a time. Amounts are nano-units of the account's currency."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import AsOf, account_incomplete, as_of

LOTS_MAX = 1_000
PAID_KINDS = ["purchase", "transfer", "adjustment"]

# One account as its latest event left it.
_ACCOUNT = """
    SELECT account_id, owner_kind, tier, funding, status, currency, zone, overdraft_limit, credit_limit, opened_at,
           posted, held, available, overdraft, unbilled
      FROM views.account_balances WHERE tenant = %b AND account_id = %b
"""

# Lots with something left, in the order in which charges use them (C3).
_LOTS = """
    SELECT lot, kind, amount, remaining, priority, effective_at, expires_at
      FROM views.account_lots WHERE tenant = %b AND account_id = %b AND remaining > 0
     ORDER BY priority, expires_at NULLS LAST, kind = ANY(%b::text[]), effective_at, recorded_at, position,
              length(lot), lot LIMIT %b
"""


class Lot(msgspec.Struct, frozen=True):
    """Credit of an account. Times are microseconds UTC; ``expires_at`` None = never."""

    lot: str
    kind: str
    amount: int
    remaining: int
    priority: int
    effective_at: int
    expires_at: int | None


class Account(msgspec.Struct, frozen=True):
    """An account's terms and figures."""

    account_id: str
    owner_kind: str
    tier: str | None
    funding: str
    status: str
    currency: str
    zone: str
    overdraft_limit: int
    credit_limit: int | None
    opened_at: int
    posted: int
    held: int
    available: int
    overdraft: int
    unbilled: int


class Balance(msgspec.Struct, frozen=True):
    """``lots`` are those with something left, the next to be used first."""

    account: Account
    lots: tuple[Lot, ...]
    as_of: AsOf
    incomplete: bool


async def read_balance(connection: AsyncConnection[Any], shard: int, tenant: str, account_id: str) -> Balance | None:
    """None if the views know no such account. Raises psycopg.Error."""
    account = await read_account(connection, tenant, account_id)
    if account is None:
        return None
    return Balance(
        account=account,
        lots=await _lots(connection, tenant, account_id),
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )


async def read_account(connection: AsyncConnection[Any], tenant: str, account_id: str) -> Account | None:
    """None if the views know no such account. Raises psycopg.Error."""
    async with connection.cursor(binary=True, row_factory=class_row(Account)) as cursor:
        await cursor.execute(_ACCOUNT, (tenant, account_id))
        return await cursor.fetchone()


async def _lots(connection: AsyncConnection[Any], tenant: str, account_id: str) -> tuple[Lot, ...]:
    async with connection.cursor(binary=True, row_factory=class_row(Lot)) as cursor:
        await cursor.execute(_LOTS, (tenant, account_id, PAID_KINDS, LOTS_MAX))
        return tuple(await cursor.fetchall())
