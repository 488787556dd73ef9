"""What each account's figures say against what its journal lines add up to. There must be no difference (J5, J6).

Nano-units without upper limit. It reads every line of the accounts that it is asked for, so it costs as much as their
history is long.
"""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

from usage_ledger_views.reading.as_of import as_of, usage_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of

# By account, what its lines add up to and what the views hold, figure by figure:
#   balanced   debits minus credits of all lines, which is zero
#   effects    the statement's effects against the balance
#   posted     lots minus overdraft, from the lines, against the balance
#   lots       what is left in lots, from the lines of 2000, against the lots
#   overdraft, unbilled   from the lines of 1300 and 1200, against the balance
#   held       open holds, one by one, against the balance
#   charged    what usage earned, corrections included, against the usage that was summed by hour
# Only differences are answered.
_DIFFERENCES = """
    WITH account AS MATERIALIZED (
        SELECT account_id, currency, posted, held, overdraft, unbilled FROM views.account_balances
         WHERE tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
    ), line AS (
        SELECT entry.account_id, journal ->> 'type' AS type, (line ->> 'code')::int AS code,
               CASE line ->> 'side' WHEN 'debit' THEN (line ->> 'amount')::numeric
                                    ELSE -(line ->> 'amount')::numeric END AS debit
          FROM views.account_entries AS entry,
               jsonb_array_elements(entry.entries) AS journal, jsonb_array_elements(journal -> 'lines') AS line
         WHERE entry.tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR entry.account_id = %(account_id)s)
    ), posted AS (
        SELECT account_id, sum(debit) AS unbalanced, -sum(debit) FILTER (WHERE code = 2000) AS lots,
               sum(debit) FILTER (WHERE code = 1300) AS overdraft, sum(debit) FILTER (WHERE code = 1200) AS unbilled,
               -sum(debit) FILTER (WHERE type IN ('usage', 'correction') AND code BETWEEN 4000 AND 4999) AS charged
          FROM line GROUP BY account_id
    ), moved AS (
        SELECT account_id, sum(effect) AS effects FROM views.account_entries
         WHERE tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
         GROUP BY account_id
    ), lot AS (
        SELECT account_id, sum(remaining) AS remaining FROM views.account_lots
         WHERE tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
         GROUP BY account_id
    ), hold AS (
        SELECT account_id, sum(held) AS held FROM views.holds
         WHERE tenant = %(tenant)s AND state = 'open' AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
         GROUP BY account_id
    ), used AS (
        SELECT account_id, sum(charged) AS charged FROM views.usage_summary
         WHERE tenant = %(tenant)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
         GROUP BY account_id
    )
    SELECT account.account_id, account.currency, figure, lines::numeric, stored::numeric
      FROM account LEFT JOIN posted USING (account_id) LEFT JOIN moved USING (account_id)
           LEFT JOIN lot USING (account_id) LEFT JOIN hold USING (account_id) LEFT JOIN used USING (account_id),
           LATERAL (VALUES
               ('balanced', coalesce(posted.unbalanced, 0), 0),
               ('charged', coalesce(posted.charged, 0), coalesce(used.charged, 0)),
               ('effects', coalesce(moved.effects, 0), account.posted),
               ('held', coalesce(hold.held, 0), account.held),
               ('lots', coalesce(posted.lots, 0), coalesce(lot.remaining, 0)),
               ('overdraft', coalesce(posted.overdraft, 0), account.overdraft),
               ('posted', coalesce(posted.lots, 0) - coalesce(posted.overdraft, 0), account.posted),
               ('unbilled', coalesce(posted.unbilled, 0), account.unbilled)
           ) AS compared (figure, lines, stored)
     WHERE lines <> stored AND (account.account_id, figure) > (%(after_account)s, %(after_figure)s)
     ORDER BY account.account_id, figure LIMIT %(rows)s
"""


class Difference(msgspec.Struct, frozen=True):
    """``figure`` of an account: what its journal ``lines`` add up to, and what a view has ``stored``."""

    account_id: str
    currency: str
    figure: str
    lines: int
    stored: int


async def list_differences(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    account_id: str | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Page[Difference]:
    """A page of what does not agree: nothing, or the views are wrong. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    last = key_of(after, tuple[str, str]) if after else ("", "")
    values = {
        "tenant": tenant,
        "account_id": account_id,
        "after_account": last[0],
        "after_figure": last[1],
        "rows": size + 1,
    }
    rows, more = cut(await (await connection.execute(_DIFFERENCES, values)).fetchall(), size)
    items = tuple(
        Difference(account, currency, figure, int(lines), int(stored))
        for account, currency, figure, lines, stored in rows
    )
    return Page(
        items=items,
        next=cursor_after((items[-1].account_id, items[-1].figure)) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await usage_incomplete(connection, tenant),
    )
