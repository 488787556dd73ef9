"""The list of usage in quarantine, newest first. Amounts are nano-units, times microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import quarantine_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.placed_page import placed_page

# A page of a tenant's items, of one workspace or disposition where the key or the question says so.
_ITEMS = """
    SELECT attempt_id, source, disposition, workspace_id, reason, amount_at_risk, currency, occurred_at, raw, since,
           position, place
      FROM views.quarantine
     WHERE tenant = %(tenant)s AND (position, place) < (%(position)s, %(place)s)
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(disposition)s::text IS NULL OR disposition = %(disposition)s)
     ORDER BY position DESC, place DESC LIMIT %(rows)s
"""


class QuarantinedItem(msgspec.Struct, frozen=True):
    """An item that is kept raw since ``since``, and why; ``raw`` is JSON."""

    attempt_id: str
    source: str
    disposition: str
    workspace_id: str
    reason: str
    amount_at_risk: int | None
    currency: str | None
    occurred_at: int
    raw: bytes
    since: int
    position: int
    place: int


async def list_quarantine(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    workspace_id: str | None = None,
    disposition: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[QuarantinedItem]:
    """A page of a tenant's items. Raises InvalidCursor, psycopg.Error."""
    return await placed_page(
        connection,
        shard,
        _ITEMS,
        {"tenant": tenant, "workspace_id": workspace_id, "disposition": disposition},
        QuarantinedItem,
        incomplete=await quarantine_incomplete(connection, tenant),
        limit=limit,
        after=after,
    )
