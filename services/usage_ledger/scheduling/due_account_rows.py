"""``DueAccounts`` over the index table that the appenders write."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from psycopg import Connection

from usage_ledger.scheduling.due_accounts import DueAccount

# What is due, the oldest first. Ties in a fixed order, so that two who look see the same.
_DUE = """
    SELECT shard, tenant, account_id, next_due FROM ledger.due
     WHERE shard = ANY(%b::int[]) AND next_due <= %b
     ORDER BY next_due, tenant, account_id LIMIT %b
"""


class DueAccountRows:
    """Over one connection in autocommit mode. Every method raises psycopg.Error."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def due(self, shards: Collection[int], at: int, limit: int) -> list[DueAccount]:
        cursor = self._connection.cursor(binary=True)
        return [DueAccount(*row) for row in cursor.execute(_DUE, (sorted(shards), at, limit))]
