"""Workspaces in a named state that somebody should look at, by their ids (billing-mode 8, 13.7 to 13.9)."""

from __future__ import annotations

from typing import Any, Final, Literal, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import as_of, modes_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

Concern = Literal["stale_overrides", "keys_beside_platform_models", "unsatisfiable"]

_STALE_OVERRIDES: Final = "states && ARRAY['OVERRIDE_WITHOUT_EFFECT', 'OVERRIDE_AGAINST_MODEL']"
_UNUSED_KEYS: Final = "states && ARRAY['VENDOR_KEY_ON_PLATFORM_MODEL']"
_UNSATISFIABLE: Final = (
    "states && ARRAY['BYOK_ON_PLATFORM_MODEL', 'BYOK_WITHOUT_ACCEPTED_CREDENTIAL', 'PLATFORM_MODE_WITHOUT_PROXY']"
)

# The columns that tell why, and the part of every page that is the same.
_WORKSPACES: Final = """
    SELECT workspace_id, organization_id, mode, source, override, provider, policy, registry_version, model, runtime,
           states, faults, run_id, run_mode, run_provider, answered_position
      FROM views.workspace_billing
     WHERE tenant = %(tenant)s AND workspace_id > %(after)s
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
"""
_BY_ID: Final = "ORDER BY workspace_id LIMIT %(rows)s"

# A page of those with one of the states. The states stand in the text, since each question has an index of its own.
QUESTIONS: Final[dict[Concern, LiteralString]] = {
    "stale_overrides": f"{_WORKSPACES} AND {_STALE_OVERRIDES} {_BY_ID}",
    "keys_beside_platform_models": f"{_WORKSPACES} AND {_UNUSED_KEYS} {_BY_ID}",
    "unsatisfiable": f"{_WORKSPACES} AND {_UNSATISFIABLE} {_BY_ID}",
}


class WorkspaceInState(msgspec.Struct, frozen=True):
    """What the rules answer of a workspace, and all its named states. ``override`` is as it is stored."""

    workspace_id: str
    organization_id: str
    mode: str
    source: str
    override: str | None
    provider: str | None
    policy: str
    registry_version: str | None
    model: str | None
    runtime: str | None
    states: list[str]
    faults: list[str]
    run_id: str | None
    run_mode: str | None
    run_provider: str | None
    answered_position: int


async def list_workspaces_of_concern(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    concern: Concern,
    *,
    workspace_id: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[WorkspaceInState]:
    """A page of a tenant's. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    last = key_of(after, str) if after else ""
    values = {"tenant": tenant, "after": last, "workspace_id": workspace_id, "rows": size + 1}
    async with connection.cursor(binary=True, row_factory=class_row(WorkspaceInState)) as cursor:
        await cursor.execute(QUESTIONS[concern], values)
        found, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(found),
        next=cursor_after(found[-1].workspace_id) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await modes_incomplete(connection, tenant),
    )
