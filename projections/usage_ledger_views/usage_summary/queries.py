"""Totals of usage by whatever it is asked by. Money is nano-units; sums over accounts have no upper limit (M2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from usage_ledger_views.reading.as_of import as_of, usage_incomplete
from usage_ledger_views.reading.page import InvalidCursor, Page, clamp, cursor_after, cut, key_of
from usage_ledger_views.usage_summary.buckets import QUANTITIES

GROUPS = {
    "day": "day_text",
    "hour": "hour_text",
    "account": "account_id",
    "workspace": "workspace_id",
    "user": "user_id",
    "key": "key_id",
    "provider": "provider",
    "model": "model",
    "mode": "mode",
    "credential": "credential",
}
"""What a summary may be grouped by, and the column that holds it. A day and an hour are those of occurred_at in UTC."""

# Money of different currencies is never added, so the currency is always one more group. Rows without money go with
# the only currency there is, or the first. Usage that nobody is charged for (byok) is in the totals and shown apart.
_SUMMARY = """
    WITH chosen AS (
        SELECT *, day::text AS day_text, day::text || 'T' || lpad(hour::text, 2, '0') || ':00:00Z' AS hour_text
          FROM views.usage_summary
         WHERE tenant = %(tenant)s AND day >= %(from)s AND day < %(to)s
           AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
           AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
    ), priced AS (
        SELECT chosen.*, mode = 'byok' AND account_id = '' AS byok,
               coalesce(nullif(currency, ''), (SELECT min(currency) FROM chosen WHERE currency <> ''), '') AS money
          FROM chosen
    ), grouped AS (
        SELECT {keys}, money AS currency, sum(requests)::numeric AS requests,
               coalesce(sum(requests) FILTER (WHERE byok), 0)::numeric AS byok_requests,
               sum(charged)::numeric AS charged, sum(provider_cost)::numeric AS provider_cost,
               coalesce(sum(provider_cost) FILTER (WHERE byok), 0)::numeric AS byok_provider_cost,
               sum(unpriced)::numeric AS unpriced, {quantities}
          FROM priced GROUP BY {columns}, money
    )
    SELECT * FROM grouped WHERE {after} ORDER BY {columns}, currency LIMIT %(rows)s
"""


class UnknownGroup(ValueError):
    """Summaries are not grouped by this; ``GROUPS`` says by what they are."""


class UsageTotals(msgspec.Struct, frozen=True):
    """One group by the asked keys, '' where an item did not say. ``provider_cost`` includes the byok part."""

    group: dict[str, str]
    currency: str
    requests: int
    byok_requests: int
    charged: int
    provider_cost: int
    byok_provider_cost: int
    unpriced: int
    quantities: dict[str, int]


class UsageFilter(msgspec.Struct, frozen=True):
    """Days of occurred_at in UTC, [``start``, ``end``); None = any account, any workspace."""

    start: date = date.min
    end: date = date.max
    account_id: str | None = None
    workspace_id: str | None = None


async def summarize_usage(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    group_by: Sequence[str],
    chosen: UsageFilter,
    limit: int | None = None,
    after: str | None = None,
) -> Page[UsageTotals]:
    """Totals by group, ordered by group. Raises UnknownGroup, InvalidCursor, psycopg.Error."""
    groups = list(dict.fromkeys(group_by))
    size = clamp(limit)
    last = _last_key(groups, after)
    values = {
        "tenant": tenant,
        "from": chosen.start,
        "to": chosen.end,
        "account_id": chosen.account_id,
        "workspace_id": chosen.workspace_id,
        "last": last,
        "rows": size + 1,
        **{f"last{i}": text for i, text in enumerate(last)},
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_statement(groups, paging=bool(last)), values)
        rows, more = cut(await cursor.fetchall(), size)
    items = tuple(_totals(groups, row) for row in rows)
    return Page(
        items=items,
        next=cursor_after([*items[-1].group.values(), items[-1].currency]) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await usage_incomplete(connection, tenant),
    )


def _last_key(groups: list[str], after: str | None) -> list[str]:
    """The group keys and the currency that the previous page ended with."""
    for group in groups:
        if group not in GROUPS:
            raise UnknownGroup(group)
    if after is None:
        return []
    last = key_of(after, list[str])
    if len(last) != len(groups) + 1 or any("\0" in text for text in last):
        raise InvalidCursor("the cursor belongs to another grouping")
    return last


def _statement(groups: list[str], *, paging: bool) -> sql.Composed:
    """Names in it come from ``GROUPS`` and ``QUANTITIES`` only; every value is a parameter."""
    names = [sql.Identifier(GROUPS[group]) for group in groups]
    columns = sql.SQL(", ").join(names) if names else sql.SQL("tenant")
    places = [sql.Placeholder(f"last{i}") for i in range(len(groups) + 1)]
    after = sql.SQL("({}) > ({})").format(
        sql.SQL(", ").join([*names, sql.Identifier("currency")]), sql.SQL(", ").join(places)
    )
    return sql.SQL(_SUMMARY).format(
        keys=columns,
        columns=columns,
        quantities=sql.SQL(", ").join(
            sql.SQL("sum({0})::numeric AS {0}").format(sql.Identifier(name)) for name in QUANTITIES
        ),
        after=after if paging else sql.SQL("true"),
    )


def _totals(groups: list[str], row: dict[str, Any]) -> UsageTotals:
    return UsageTotals(
        group={group: row[GROUPS[group]] for group in groups},
        currency=row["currency"],
        requests=int(row["requests"]),
        byok_requests=int(row["byok_requests"]),
        charged=int(row["charged"]),
        provider_cost=int(row["provider_cost"]),
        byok_provider_cost=int(row["byok_provider_cost"]),
        unpriced=int(row["unpriced"]),
        quantities={name: int(row[name]) for name in QUANTITIES},
    )
