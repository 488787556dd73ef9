"""An account's alerts, newest first. Amounts are nano-units, times microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import account_incomplete, as_of
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

_LARGEST = 2**63 - 1

# A page of an account's alerts.
_ALERTS = """
    SELECT position, kind, raised_at, budget_id, window_kind, window_start, window_end, threshold, spend, spend_limit,
           balance, topup_id, failures, currency
      FROM views.alerts
     WHERE tenant = %(tenant)s AND account_id = %(account_id)s AND position < %(position)s
     ORDER BY position DESC LIMIT %(rows)s
"""


class Alert(msgspec.Struct, frozen=True):
    """What its kind does not have is None."""

    position: int
    kind: str
    raised_at: int
    budget_id: str | None
    window_kind: str | None
    window_start: int | None
    window_end: int | None
    threshold: int | None
    spend: int | None
    spend_limit: int | None
    balance: int | None
    topup_id: str | None
    failures: int | None
    currency: str | None


async def list_alerts(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    account_id: str,
    *,
    limit: int | None = None,
    after: str | None = None,
) -> Page[Alert]:
    """A page of an account's alerts. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    before = key_of(after, int) if after else _LARGEST
    values = {"tenant": tenant, "account_id": account_id, "position": before, "rows": size + 1}
    async with connection.cursor(binary=True, row_factory=class_row(Alert)) as cursor:
        await cursor.execute(_ALERTS, values)
        alerts, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(alerts),
        next=cursor_after(alerts[-1].position) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await account_incomplete(connection, tenant, account_id),
    )
