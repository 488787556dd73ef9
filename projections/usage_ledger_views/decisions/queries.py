"""What runs were decided to be, newest first; apart those that nothing but a fallback decided (billing-mode 13.10)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import modes_incomplete
from usage_ledger_views.reading.page import Page
from usage_ledger_views.reading.period import ALWAYS, Period
from usage_ledger_views.reading.recorded_page import recorded_page

_DECISIONS: Final = """
    SELECT position, event_id::text AS event_id, workspace_id, run_id, outcome, code, also, mode, source, provider, how,
           policy, registry_version, registry_digest, inputs, trail, faults, warnings, withheld, actor_kind, actor_id,
           on_behalf_of_kind, on_behalf_of_id, command_source, command_id, correlation_id, recorded_at
      FROM views.decisions
     WHERE tenant = %(tenant)s
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
       AND recorded_at >= %(start)s AND recorded_at < %(end)s
       AND (recorded_at, position) < (%(before_recorded_at)s, %(before_position)s)
"""
_NEWEST_FIRST: Final = "ORDER BY recorded_at DESC, position DESC LIMIT %(rows)s"

# A page of all of them.
_ALL: Final = f"{_DECISIONS} {_NEWEST_FIRST}"

# A page of those that money follows though no choice and no model decided them. A refusal decides nothing.
_FALLBACKS: Final = f"""
    {_DECISIONS} AND source IN ('derived_default', 'constant_fallback') AND outcome <> 'refused' {_NEWEST_FIRST}
"""


class ProvisionMade(msgspec.Struct, frozen=True):
    """A decision, or with outcome ``refused`` why there is none. ``recorded_at`` is microseconds UTC."""

    position: int
    event_id: str
    workspace_id: str
    run_id: str
    outcome: str
    code: str | None
    also: list[str]
    mode: str
    source: str
    provider: str | None
    how: str
    policy: str
    registry_version: str | None
    registry_digest: str | None
    inputs: list[dict[str, Any]]
    trail: list[dict[str, Any]]
    faults: list[str]
    warnings: list[str]
    withheld: list[str]
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: int


async def list_decisions(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    only_fallbacks: bool = False,
    workspace_id: str | None = None,
    period: Period = ALWAYS,
    limit: int | None = None,
    after: str | None = None,
) -> Page[ProvisionMade]:
    """A page of a tenant's decisions. Raises InvalidCursor, psycopg.Error."""
    return await recorded_page(
        connection,
        shard,
        _FALLBACKS if only_fallbacks else _ALL,
        {"tenant": tenant, "workspace_id": workspace_id},
        ProvisionMade,
        incomplete=await modes_incomplete(connection, tenant),
        period=period,
        limit=limit,
        after=after,
    )
