"""The list of refused commands, newest first. Times are microseconds UTC."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import as_of, refusals_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

_LARGEST = 2**63 - 1

# A page of a tenant's refusals, of one code where it is asked for.
_REFUSALS = """
    SELECT position, source, command_id, command_type, code, detail, facts::text, actor_kind, actor_id, refused_at
      FROM views.refusals
     WHERE tenant = %(tenant)s AND position < %(position)s AND (%(code)s::text IS NULL OR code = %(code)s)
     ORDER BY position DESC LIMIT %(rows)s
"""


class RefusedCommand(msgspec.Struct, frozen=True):
    """A command that was understood and not done: why, and what the rule saw."""

    position: int
    source: str
    command_id: str
    command_type: str
    code: str
    detail: str
    facts: dict[str, str]
    actor_kind: str
    actor_id: str
    refused_at: int


_facts = msgspec.json.Decoder(dict[str, str])


async def list_refusals(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    code: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[RefusedCommand]:
    """A page of a tenant's refusals. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    before = key_of(after, int) if after else _LARGEST
    values = {"tenant": tenant, "position": before, "code": code, "rows": size + 1}
    cursor = await connection.cursor(binary=True).execute(_REFUSALS, values)
    rows, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(_refused(row) for row in rows),
        next=cursor_after(rows[-1][0]) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await refusals_incomplete(connection, tenant),
    )


def _refused(row: tuple[Any, ...]) -> RefusedCommand:
    position, source, command_id, command_type, code, detail, facts, actor_kind, actor_id, refused_at = row
    return RefusedCommand(
        position, source, command_id, command_type, code, detail, _facts.decode(facts), actor_kind, actor_id, refused_at
    )
