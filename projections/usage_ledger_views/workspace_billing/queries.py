"""Reads of who pays for a workspace, what it spends and what it used."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row, dict_row

from usage_ledger_views.reading.as_of import AsOf, as_of, workspace_incomplete
from usage_ledger_views.usage_summary.buckets import QUANTITIES

PINNED = "pinned"

# What the workspace's events say, and the currency of the account that pays.
_WORKSPACE = """
    SELECT workspace.workspace_id, workspace.kind, workspace.organization_id, workspace.deployment, workspace.runtime,
           workspace.model, workspace.override, workspace.mode, workspace.source, workspace.provider, workspace.policy,
           workspace.registry_version, workspace.states, workspace.faults, workspace.run_id, workspace.run_mode,
           workspace.run_provider, workspace.payer, workspace.payer_pinned_at, workspace.registered_at,
           workspace.version, account.currency
      FROM views.workspace_billing AS workspace
      LEFT JOIN views.account_balances AS account
        ON account.tenant = workspace.tenant AND account.account_id = workspace.payer
     WHERE workspace.tenant = %b AND workspace.workspace_id = %b
"""

# What it spent in the payer's currency today and this month, by occurred_at in UTC, and all that it ever used.
_USAGE = """
    SELECT coalesce(sum(charged) FILTER (WHERE currency = %(currency)s AND day = %(today)s), 0)::numeric AS today,
           coalesce(sum(charged) FILTER (WHERE currency = %(currency)s AND day >= date_trunc('month', %(today)s)
                                           AND day <= %(today)s), 0)::numeric AS month,
           coalesce(sum(requests), 0)::numeric AS requests,
           coalesce(sum(unpriced), 0)::numeric AS unpriced,
           coalesce(sum(route_mismatches), 0)::numeric AS route_mismatches,
           max(last_occurred_at) FILTER (WHERE requests > 0) AS last_usage_at,
           {quantities}
      FROM views.usage_summary WHERE tenant = %(tenant)s AND workspace_id = %(workspace_id)s
"""

_SUMS = sql.SQL(", ").join(
    sql.SQL("coalesce(sum({0}), 0)::numeric AS {0}").format(sql.Identifier(name)) for name in QUANTITIES
)


class Workspace(msgspec.Struct, frozen=True):
    """What the workspace's events say. Times are microseconds UTC; ``currency`` is the payer's.

    ``states`` are the named ones (billing-mode 8), ``version`` is that of the workspace's own stream.
    """

    workspace_id: str
    kind: str | None
    organization_id: str | None
    deployment: str | None
    runtime: str | None
    model: str | None
    override: str | None
    mode: str | None
    source: str | None
    provider: str | None
    policy: str | None
    registry_version: str | None
    states: list[str]
    faults: list[str]
    run_id: str | None
    run_mode: str | None
    run_provider: str | None
    payer: str | None
    payer_pinned_at: int | None
    registered_at: int | None
    version: int
    currency: str | None


class WorkspaceBilling(msgspec.Struct, frozen=True):
    """``spend_…`` are nano-units of the payer's currency; ``quantities`` count since the workspace began."""

    workspace: Workspace
    payer_reason: str | None
    spend_today: int
    spend_month: int
    requests: int
    quantities: dict[str, int]
    last_usage_at: int | None
    warnings: tuple[str, ...]
    as_of: AsOf
    incomplete: bool


async def read_workspace_billing(
    connection: AsyncConnection[Any], shard: int, tenant: str, workspace_id: str, today: date
) -> WorkspaceBilling | None:
    """None if the views know no such workspace. ``today`` is the date in UTC. Raises psycopg.Error."""
    workspace = await _workspace(connection, tenant, workspace_id)
    if workspace is None:
        return None
    usage = await _usage(connection, tenant, workspace, today)
    return WorkspaceBilling(
        workspace=workspace,
        payer_reason=PINNED if workspace.payer else None,
        spend_today=int(usage["today"]),
        spend_month=int(usage["month"]),
        requests=int(usage["requests"]),
        quantities={name: int(usage[name]) for name in QUANTITIES},
        last_usage_at=usage["last_usage_at"],
        warnings=_warnings(workspace, usage),
        as_of=await as_of(connection, shard),
        incomplete=await workspace_incomplete(connection, tenant, workspace_id),
    )


async def _workspace(connection: AsyncConnection[Any], tenant: str, workspace_id: str) -> Workspace | None:
    async with connection.cursor(binary=True, row_factory=class_row(Workspace)) as cursor:
        await cursor.execute(_WORKSPACE, (tenant, workspace_id))
        return await cursor.fetchone()


async def _usage(connection: AsyncConnection[Any], tenant: str, workspace: Workspace, today: date) -> dict[str, Any]:
    values = {
        "tenant": tenant,
        "workspace_id": workspace.workspace_id,
        "currency": workspace.currency or "",
        "today": today,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql.SQL(_USAGE).format(quantities=_SUMS), values)
        row = await cursor.fetchone()
    return row or {}


def _warnings(workspace: Workspace, usage: dict[str, Any]) -> tuple[str, ...]:
    """What somebody should look at: the named states, then what usage and payer say, each by a stable word."""
    found = {
        "no_payer": workspace.mode == "platform_managed" and workspace.payer is None,
        "unpriced_usage": usage["unpriced"] > 0,
        "route_mismatch": usage["route_mismatches"] > 0,
    }
    return (*workspace.states, *(word for word, holds in found.items() if holds))
