"""How an account's credit is bought by itself, and its latest top-ups. Nano-units, microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import AsOf, account_incomplete, as_of

ATTEMPTS_MAX = 20

# How credit is bought, as it was set and as it stands.
_TERMS = """
    SELECT threshold, amount, monthly_cap, enabled, failures, currency, schedule
      FROM views.topup_terms WHERE tenant = %b AND account_id = %b
"""

# The latest ones first.
_ATTEMPTS = """
    SELECT topup_id, amount, trigger, state, triggered_at, lease_until, reason, payment_ref
      FROM views.topups WHERE tenant = %b AND account_id = %b ORDER BY triggered_position DESC LIMIT %b
"""


class Terms(msgspec.Struct, frozen=True):
    """``monthly_cap`` and ``schedule`` None are none; ``failures`` are those in a row."""

    threshold: int
    amount: int
    monthly_cap: int | None
    enabled: bool
    failures: int
    currency: str
    schedule: str | None


class Attempt(msgspec.Struct, frozen=True):
    """A top-up and what became of it."""

    topup_id: str
    amount: int
    trigger: str
    state: str
    triggered_at: int
    lease_until: int
    reason: str | None
    payment_ref: str | None


class AutoTopup(msgspec.Struct, frozen=True):
    """``attempts`` are the latest, newest first."""

    terms: Terms
    attempts: tuple[Attempt, ...]
    as_of: AsOf
    incomplete: bool


async def read_auto_topup(
    connection: AsyncConnection[Any], shard: int, tenant: str, account_id: str
) -> AutoTopup | None:
    """None if the views know of none. Raises psycopg.Error."""
    async with connection.cursor(binary=True, row_factory=class_row(Terms)) as cursor:
        await cursor.execute(_TERMS, (tenant, account_id))
        terms = await cursor.fetchone()
    if terms is None:
        return None
    async with connection.cursor(binary=True, row_factory=class_row(Attempt)) as cursor:
        await cursor.execute(_ATTEMPTS, (tenant, account_id, ATTEMPTS_MAX))
        attempts = tuple(await cursor.fetchall())
    return AutoTopup(
        terms=terms,
        attempts=attempts,
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )
