"""What an answer reflects: how far the views had come, and whether something it needs is blocked."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import AsyncConnection

# How far a shard's views are, in the snapshot of the transaction.
_PROGRESS = "SELECT position, recorded_at FROM views.progress WHERE shard = %b"

# Whether one of these streams, or one whose id begins like this, waits for a repair.
_BLOCKED = """
    SELECT EXISTS (SELECT FROM views.blocked_streams AS blocked
                    WHERE blocked.stream_id = ANY(%b::text[])
                       OR EXISTS (SELECT FROM unnest(%b::text[]) AS prefix
                                   WHERE starts_with(blocked.stream_id, prefix)))
"""


class AsOf(msgspec.Struct, frozen=True):
    """``position`` is ``<shard>-<n>``; ``recorded_at`` is microseconds UTC of the newest event in the views."""

    position: str
    recorded_at: int


async def as_of(connection: AsyncConnection[Any], shard: int) -> AsOf:
    """Zero while the shard's first event is not there yet. Raises psycopg.Error."""
    cursor = await connection.cursor(binary=True).execute(_PROGRESS, (shard,))
    row = await cursor.fetchone()
    position, recorded_at = row or (0, 0)
    return AsOf(f"{shard}-{position}", recorded_at)


async def account_incomplete(connection: AsyncConnection[Any], tenant: str, account_id: str) -> bool:
    """Whether the account's own stream is blocked. Raises psycopg.Error."""
    return await _blocked(connection, [f"{tenant}/account-{account_id}"], [])


async def usage_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether any stream of the tenant that carries usage is blocked. Raises psycopg.Error."""
    return await _blocked(connection, [], _usage_prefixes(tenant))


async def workspace_incomplete(connection: AsyncConnection[Any], tenant: str, workspace_id: str) -> bool:
    """Whether a stream of the workspace is blocked, or one that may carry its usage. Raises psycopg.Error."""
    streams = [f"{tenant}/workspace-{workspace_id}", f"{tenant}/payer-{workspace_id}"]
    return await _blocked(connection, streams, _usage_prefixes(tenant))


async def modes_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether a stream that billing modes of the tenant come from is blocked. Raises psycopg.Error."""
    return await _blocked(connection, [], _mode_prefixes(tenant))


async def key_writes_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether a stream in which refused credential names stand is blocked. Raises psycopg.Error."""
    return await _blocked(connection, [f"{tenant}/refusals"], _mode_prefixes(tenant))


async def quarantine_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether the tenant's quarantine stream is blocked: what is kept, and what conflicts. Raises psycopg.Error."""
    return await _blocked(connection, [f"{tenant}/quarantine"], [])


async def mismatches_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether a stream of the tenant that carries usage is blocked, or its quarantine. Raises psycopg.Error."""
    return await _blocked(connection, [f"{tenant}/quarantine"], _usage_prefixes(tenant))


async def refusals_incomplete(connection: AsyncConnection[Any], tenant: str) -> bool:
    """Whether the tenant's stream of refusals is blocked. Raises psycopg.Error."""
    return await _blocked(connection, [f"{tenant}/refusals"], [])


def _usage_prefixes(tenant: str) -> list[str]:
    return [f"{tenant}/account-", f"{tenant}/metered-"]


def _mode_prefixes(tenant: str) -> list[str]:
    return [f"{tenant}/workspace-", f"{tenant}/organization-"]


async def _blocked(connection: AsyncConnection[Any], streams: list[str], prefixes: list[str]) -> bool:
    cursor = await connection.cursor(binary=True).execute(_BLOCKED, (streams, prefixes))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
