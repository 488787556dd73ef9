"""The list of conflicts, newest first. Amounts are nano-units, times microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import quarantine_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.placed_page import placed_page

# A page of a tenant's conflicts, of one workspace where the key or the question says so.
_CONFLICTS = """
    SELECT attempt_id, source, workspace_id, kind, first_content, second_content, amount_at_risk, currency, raw,
           noted_at, position, place
      FROM views.conflicts
     WHERE tenant = %(tenant)s AND (position, place) < (%(position)s, %(place)s)
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
     ORDER BY position DESC, place DESC LIMIT %(rows)s
"""


class Conflict(msgspec.Struct, frozen=True):
    """A later item that was not taken. The digests are 16 bytes each; ``raw`` is the beginning of the item as JSON."""

    attempt_id: str
    source: str
    workspace_id: str
    kind: str
    first_content: bytes
    second_content: bytes
    amount_at_risk: int | None
    currency: str | None
    raw: bytes
    noted_at: int
    position: int
    place: int


async def list_conflicts(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    workspace_id: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[Conflict]:
    """A page of a tenant's conflicts. Raises InvalidCursor, psycopg.Error."""
    return await placed_page(
        connection,
        shard,
        _CONFLICTS,
        {"tenant": tenant, "workspace_id": workspace_id},
        Conflict,
        incomplete=await quarantine_incomplete(connection, tenant),
        limit=limit,
        after=after,
    )
