"""Usage by user: charge lines and what they were charged; no fees, refunds or expiry. Nano-units of any size."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import as_of, usage_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of
from usage_ledger_views.usage_summary.queries import UsageFilter

# Users in the order of their ids, what nobody is named for as the last row. Money of different currencies is never
# added: a user has a row for each. Lines without money go with the only currency there is, or the first.
_MEMBERS = """
    WITH chosen AS (
        SELECT user_id, requests, charged, currency FROM views.usage_summary
         WHERE tenant = %(tenant)s AND day >= %(from)s AND day < %(to)s AND (requests <> 0 OR charged <> 0)
           AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
           AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
    ), used AS (
        SELECT user_id = '' AS unattributed, user_id, requests, charged,
               coalesce(nullif(currency, ''), (SELECT min(currency) FROM chosen WHERE currency <> ''), '') AS money
          FROM chosen
    )
    SELECT user_id, money AS currency, sum(requests)::bigint AS lines, sum(charged)::numeric AS charged
      FROM used WHERE (unattributed, user_id, money) > (%(unattributed)s, %(user)s, %(currency)s)
     GROUP BY unattributed, user_id, money ORDER BY unattributed, user_id, money LIMIT %(rows)s
"""

_BEFORE_ALL = (False, "", "")


class MemberUsage(msgspec.Struct, frozen=True):
    """``user_id`` '' = unattributed; ``currency`` '' = no money anywhere."""

    user_id: str
    currency: str
    lines: int
    charged: int


async def list_member_usage(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    chosen: UsageFilter,
    limit: int | None = None,
    after: str | None = None,
) -> Page[MemberUsage]:
    """A page of a tenant's users. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    last = key_of(after, tuple[bool, str, str]) if after else _BEFORE_ALL
    values = {
        "tenant": tenant,
        "from": chosen.start,
        "to": chosen.end,
        "account_id": chosen.account_id,
        "workspace_id": chosen.workspace_id,
        "rows": size + 1,
        **dict(zip(("unattributed", "user", "currency"), last, strict=True)),
    }
    cursor = await connection.execute(_MEMBERS, values)
    rows, more = cut(await cursor.fetchall(), size)
    members = tuple(MemberUsage(user, currency, lines, int(charged)) for user, currency, lines, charged in rows)
    return Page(
        items=members,
        next=cursor_after((not members[-1].user_id, members[-1].user_id, members[-1].currency)) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await usage_incomplete(connection, tenant),
    )
