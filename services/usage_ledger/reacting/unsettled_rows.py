"""``Unsettled`` over the index tables that the appenders write."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, Cursor

from usage_ledger.pricing.events import PriceVersionPublished
from usage_ledger.reacting.unsettled import Suspended

# Items that wait for their workspace, in the order of their keys.
_WAITING = """
    SELECT key FROM ledger.quarantined
     WHERE disposition = 'waiting' AND tenant = %b AND workspace_id = %b AND reason = %b AND key > %b
     ORDER BY key LIMIT %b
"""

# Lines that the price might rate, account by account. One for a single account concerns that account alone.
_SUSPENDED = """
    SELECT shard, tenant, account_id, key FROM ledger.suspended
     WHERE model = %(model)s AND currency = %(currency)s
       AND occurred_at >= %(from)s AND (%(to)s::bigint IS NULL OR occurred_at < %(to)s)
       AND (%(account_id)s::text IS NULL OR (tenant = %(tenant)s AND account_id = %(account_id)s))
       AND (shard, tenant, account_id, key) > (%(shard_after)s, %(tenant_after)s, %(account_after)s, %(key_after)s)
     ORDER BY shard, tenant, account_id, key LIMIT %(limit)s
"""

_SHARDS = "SELECT shard FROM ledger.shards ORDER BY shard"

# Waits for the lock of whoever is deciding, and lets go at once.
_WAIT_FOR_DECISION = "SELECT FROM ledger.shards WHERE shard = %b FOR SHARE"


class UnsettledRows:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        rows = self._cursor().execute(_WAITING, (tenant, workspace_id, reason, after, limit))
        return [row[0] for row in rows]

    def suspended(self, price: PriceVersionPublished, after: Suspended, limit: int) -> list[Suspended]:
        values = {
            "model": price.model,
            "currency": price.currency,
            "from": price.effective_from,
            "to": price.effective_to,
            "tenant": price.account_tenant,
            "account_id": price.account_id,
            "shard_after": after.shard,
            "tenant_after": after.tenant,
            "account_after": after.account_id,
            "key_after": after.key,
            "limit": limit,
        }
        return [Suspended(*row) for row in self._cursor().execute(_SUSPENDED, values)]

    def wait_for_decisions(self) -> None:
        """A decision under way may not know the fact yet. When its shard's lock was free once, what it left is seen."""
        for (shard,) in self._cursor().execute(_SHARDS).fetchall():
            self._cursor().execute(_WAIT_FOR_DECISION, (shard,))

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)
