"""Credential names that were refused, newest first (billing-mode 13.11). Times are microseconds UTC."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import key_writes_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import ALWAYS, Period
from usage_ledger_views.reading.recorded_page import recorded_page

# A page of a tenant's, of one workspace where the key or the question says so.
_REJECTED: Final = """
    SELECT position, event_id::text AS event_id, workspace_id, organization_id, scope, name, at_creation, code, rule,
           model, runtime, policy, registry_version, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id,
           command_source, command_id, correlation_id, recorded_at
      FROM views.rejected_key_writes
     WHERE tenant = %(tenant)s
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
       AND recorded_at >= %(start)s AND recorded_at < %(end)s
       AND (recorded_at, position) < (%(before_recorded_at)s, %(before_position)s)
     ORDER BY recorded_at DESC, position DESC LIMIT %(rows)s
"""


class RejectedKeyWrite(msgspec.Struct, frozen=True):
    """A name that was not stored, and what judged it. ``at_creation``: the workspace was to begin with it."""

    position: int
    event_id: str
    workspace_id: str
    organization_id: str
    scope: str
    name: str
    at_creation: bool
    code: str
    rule: str | None
    model: str | None
    runtime: str | None
    policy: str
    registry_version: str | None
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: int


async def list_rejected_key_writes(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    workspace_id: str | None = None,
    period: Period = ALWAYS,
    limit: int | None = None,
    after: str | None = None,
) -> Page[RejectedKeyWrite]:
    """A page of a tenant's. Raises InvalidCursor, psycopg.Error."""
    return await recorded_page(
        connection,
        shard,
        _REJECTED,
        {"tenant": tenant, "workspace_id": workspace_id},
        RejectedKeyWrite,
        incomplete=await key_writes_incomplete(connection, tenant),
        period=period,
        limit=limit,
        after=after,
    )
