"""Usage that another one paid for than its decision says, newest first, and what is at stake (billing-mode 13.6).

Amounts are nano-units, times microseconds UTC.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from usage_ledger_views.reading.as_of import as_of, mismatches_incomplete
from usage_ledger_views.reading.page import Page, clamp, cursor_after, cut, key_of
from usage_ledger_views.reading.period import ALWAYS, LARGEST, Period

_BEYOND_ALL: Final = (LARGEST, LARGEST, 2**31 - 1)

_COLUMNS: Final = """
    SELECT attempt_id, source, kind, workspace_id, account_id, run_id, mode, mode_source, policy, registry_version,
           credential, provider, model, input_tokens, cache_read_tokens, output_tokens, charged, currency,
           provider_cost, cost_currency, exposure, exposure_currency, occurred_at, recorded_at, position, place
"""
_SUMS: Final = """
    SELECT kind, exposure_currency, count(*), count(*) FILTER (WHERE exposure IS NULL),
           coalesce(sum(exposure), 0)::numeric
"""

# What was asked for, within what the key may see.
_CHOSEN: Final = """
      FROM views.charge_mismatches
     WHERE tenant = %(tenant)s AND recorded_at >= %(start)s AND recorded_at < %(end)s
       AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
       AND (%(workspace_id)s::text IS NULL OR workspace_id = %(workspace_id)s)
       AND (%(kind)s::text IS NULL OR kind = %(kind)s)
"""

# A page of them.
_ROWS: Final = f"""
    {_COLUMNS} {_CHOSEN}
       AND (recorded_at, position, place) < (%(before_recorded_at)s, %(before_position)s, %(before_place)s)
     ORDER BY recorded_at DESC, position DESC, place DESC LIMIT %(rows)s
"""

# All of them together; a sum over items has no upper limit.
_TOTALS: Final = f"{_SUMS} {_CHOSEN} GROUP BY kind, exposure_currency ORDER BY kind, exposure_currency"


class ChargeMismatch(msgspec.Struct, frozen=True):
    """One item: who was to pay, who did, and the part that is at stake; ``exposure`` None is unknown."""

    attempt_id: str
    source: str
    kind: str
    workspace_id: str
    account_id: str | None
    run_id: str | None
    mode: str
    mode_source: str | None
    policy: str | None
    registry_version: str | None
    credential: str
    provider: str | None
    model: str
    input_tokens: int | None
    cache_read_tokens: int | None
    output_tokens: int | None
    charged: int | None
    currency: str | None
    provider_cost: int | None
    cost_currency: str | None
    exposure: int | None
    exposure_currency: str | None
    occurred_at: int
    recorded_at: int
    position: int
    place: int


class MismatchTotals(msgspec.Struct, frozen=True):
    """All items of a kind whose exposure is in one currency. Of ``unknown`` of them nobody knows it."""

    kind: str
    currency: str | None
    items: int
    unknown: int
    exposure: int


class MismatchFilter(msgspec.Struct, frozen=True):
    """None = any."""

    account_id: str | None = None
    workspace_id: str | None = None
    kind: str | None = None
    period: Period = ALWAYS


async def list_charge_mismatches(
    connection: AsyncConnection[Any],
    shard: int,
    tenant: str,
    *,
    chosen: MismatchFilter,
    limit: int | None = None,
    after: str | None = None,
) -> Page[ChargeMismatch]:
    """A page of a tenant's. Raises InvalidCursor, psycopg.Error."""
    size = clamp(limit)
    recorded_at, position, place = key_of(after, tuple[int, int, int]) if after else _BEYOND_ALL
    before = {"before_recorded_at": recorded_at, "before_position": position, "before_place": place}
    async with connection.cursor(binary=True, row_factory=class_row(ChargeMismatch)) as cursor:
        await cursor.execute(_ROWS, {**_asked(tenant, chosen), **before, "rows": size + 1})
        found, more = cut(await cursor.fetchall(), size)
    return Page(
        items=tuple(found),
        next=cursor_after((found[-1].recorded_at, found[-1].position, found[-1].place)) if more else None,
        as_of=await as_of(connection, shard),
        incomplete=await mismatches_incomplete(connection, tenant),
    )


async def read_mismatch_totals(
    connection: AsyncConnection[Any], tenant: str, chosen: MismatchFilter
) -> tuple[MismatchTotals, ...]:
    """By kind and currency; reads every item that was asked for. Raises psycopg.Error."""
    rows = await (await connection.execute(_TOTALS, _asked(tenant, chosen))).fetchall()
    return tuple(
        MismatchTotals(kind, currency, items, unknown, int(exposure))
        for kind, currency, items, unknown, exposure in rows
    )


def _asked(tenant: str, chosen: MismatchFilter) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "account_id": chosen.account_id,
        "workspace_id": chosen.workspace_id,
        "kind": chosen.kind,
        "start": chosen.period.start,
        "end": chosen.period.end,
    }
