"""The list of usage without a price, newest first. Amounts are nano-units, times microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import usage_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.placed_page import placed_page

# A page of a tenant's lines, of one account or workspace where the key or the question says so.
_LINES = """
    SELECT attempt_id, source, account_id, workspace_id, provider, model, reason, amount_at_risk, currency,
           occurred_at, since, position, place
      FROM views.suspense
     WHERE tenant = %(tenant)s AND (position, place) < (%(position)s, %(place)s)
       AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
     ORDER BY position DESC, place DESC LIMIT %(rows)s
"""


class SuspendedLine(msgspec.Struct, frozen=True):
    """A charge line that waits for a price since ``since``, and why it has none."""

    attempt_id: str
    source: str
    account_id: str
    workspace_id: str
    provider: str | None
    model: str
    reason: str
    amount_at_risk: int | None
    currency: str | None
    occurred_at: int
    since: int
    position: int
    place: int


async def list_suspense(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    account_id: str | None = None,
    workspace_id: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[SuspendedLine]:
    """A page of a tenant's lines without a price. Raises InvalidCursor, psycopg.Error."""
    return await placed_page(
        connection,
        shard,
        _LINES,
        {"tenant": tenant, "account_id": account_id, "workspace_id": workspace_id},
        SuspendedLine,
        incomplete=await usage_incomplete(connection, tenant),
        limit=limit,
        after=after,
    )
