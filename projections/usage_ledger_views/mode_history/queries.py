"""What moved the mode of a workspace, or of an organization and its workspaces, newest first (billing-mode 13.4)."""

from __future__ import annotations

from typing import Any, Final, LiteralString

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import modes_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import ALWAYS, Period
from usage_ledger_views.reading.recorded_page import recorded_page

_CHANGES: Final = """
    SELECT position, event_id::text AS event_id, what, organization_id, workspace_id, scope, value_before, value_after,
           answer_before, answer_after, states, faults, origin, reason, cause, actor_kind, actor_id, on_behalf_of_kind,
           on_behalf_of_id, command_source, command_id, correlation_id, effective_at, recorded_at
      FROM views.mode_history
"""
_PAGE: Final = """
       AND recorded_at >= %(start)s AND recorded_at < %(end)s
       AND (recorded_at, position) < (%(before_recorded_at)s, %(before_position)s)
     ORDER BY recorded_at DESC, position DESC LIMIT %(rows)s
"""

# A page of one workspace's changes.
_OF_WORKSPACE: Final = f"{_CHANGES} WHERE tenant = %(tenant)s AND workspace_id = %(id)s {_PAGE}"

# A page of an organization's defaults and of what moved its workspaces.
_OF_ORGANIZATION: Final = f"{_CHANGES} WHERE tenant = %(tenant)s AND organization_id = %(id)s {_PAGE}"

# Whether there is such a workspace; one that was never changed has an empty history, an unknown one has none.
_WORKSPACE_KNOWN: Final = "SELECT FROM views.workspace_billing WHERE tenant = %b AND workspace_id = %b"

# Whether anything ever named the organization.
_ORGANIZATION_KNOWN: Final = "SELECT FROM views.mode_history WHERE tenant = %b AND organization_id = %b LIMIT 1"


class ModeChanged(msgspec.Struct, frozen=True):
    """One change: who, when and why, what was before and after. Times are microseconds UTC.

    Answers are what the rules said: mode, source, provider, policy and registry version.
    """

    position: int
    event_id: str
    what: str
    organization_id: str | None
    workspace_id: str | None
    scope: str | None
    value_before: str | None
    value_after: str | None
    answer_before: dict[str, Any] | None
    answer_after: dict[str, Any] | None
    states: list[str]
    faults: list[str]
    origin: str | None
    reason: str | None
    cause: str | None
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    effective_at: int
    recorded_at: int


async def list_workspace_mode_changes(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    workspace_id: str,
    *,
    period: Period = ALWAYS,
    limit: int | None = None,
    after: str | None = None,
) -> Page[ModeChanged] | None:
    """A page of them; None if the views know no such workspace. Raises InvalidCursor, psycopg.Error."""
    if not await _exists(connection, _WORKSPACE_KNOWN, tenant, workspace_id):
        return None
    return await recorded_page(
        connection,
        shard,
        _OF_WORKSPACE,
        {"tenant": tenant, "id": workspace_id},
        ModeChanged,
        incomplete=await modes_incomplete(connection, tenant),
        period=period,
        limit=limit,
        after=after,
    )


async def list_organization_mode_changes(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    organization_id: str,
    *,
    period: Period = ALWAYS,
    limit: int | None = None,
    after: str | None = None,
) -> Page[ModeChanged] | None:
    """A page of its defaults' changes and of its workspaces'; None if nothing ever named the organization.

    The tenant's own, called like the tenant, is always there. Raises InvalidCursor, psycopg.Error.
    """
    if organization_id != tenant and not await _exists(connection, _ORGANIZATION_KNOWN, tenant, organization_id):
        return None
    return await recorded_page(
        connection,
        shard,
        _OF_ORGANIZATION,
        {"tenant": tenant, "id": organization_id},
        ModeChanged,
        incomplete=await modes_incomplete(connection, tenant),
        period=period,
        limit=limit,
        after=after,
    )


async def _exists(connection: AsyncConnection[Any], question: LiteralString, *values: str) -> bool:
    cursor = await connection.execute(question, values)
    return await cursor.fetchone() is not None
