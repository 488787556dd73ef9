"""``DueAccounts`` over the index rows of a store in memory."""

from __future__ import annotations

from collections.abc import Collection

from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.scheduling.due_accounts import DueAccount


class DueAccountsInMemory:
    """Nothing but what the appender wrote."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def due(self, shards: Collection[int], at: int, limit: int) -> list[DueAccount]:
        rows = [row for row in self._store.due.values() if row.shard in shards and row.next_due <= at]
        rows.sort(key=lambda row: (row.next_due, row.tenant, row.account_id))
        return [DueAccount(row.shard, row.tenant, row.account_id, row.next_due) for row in rows[:limit]]
