"""Usage net of corrections, and fees, since an account began; no refunds, disputes or expiry. Nano-units."""

from __future__ import annotations

from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.account_balances.queries import read_account
from usage_ledger_views.reading.as_of import AsOf, account_incomplete, as_of

# Whatever the account was charged for usage, by whichever event.
_USAGE = "SELECT coalesce(sum(charged), 0)::numeric FROM views.usage_summary WHERE tenant = %s AND account_id = %s"

# Revenue from fees: what an entry credits. What it debits depends on what the account had.
_FEES = """
    SELECT coalesce(sum((line ->> 'amount')::numeric), 0)::numeric
      FROM views.account_entries AS entry, jsonb_path_query(entry.entries, '$[*].lines[*]') AS line
     WHERE tenant = %s AND account_id = %s AND type = 'fee' AND line ->> 'side' = 'credit'
"""


class LifetimeSpend(msgspec.Struct, frozen=True):
    """Nano-units of the account's currency, without upper limit (M2)."""

    currency: str
    usage: int
    fees: int
    as_of: AsOf
    incomplete: bool


async def read_lifetime_spend(
    connection: AsyncConnection[Any], shard: int, tenant: str, account_id: str
) -> LifetimeSpend | None:
    """None if the views know no such account. Raises psycopg.Error."""
    account = await read_account(connection, tenant, account_id)
    if account is None:
        return None
    return LifetimeSpend(
        currency=account.currency,
        usage=await _sum(connection, _USAGE, tenant, account_id),
        fees=await _sum(connection, _FEES, tenant, account_id),
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )


async def _sum(connection: AsyncConnection[Any], question: LiteralString, tenant: str, account_id: str) -> int:
    row = await (await connection.execute(question, (tenant, account_id))).fetchone()
    return int(row[0]) if row else 0
