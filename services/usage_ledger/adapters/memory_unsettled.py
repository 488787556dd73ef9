"""What is unsettled in a store in memory, for tests and scenarios: the same pages as from the index tables."""

from __future__ import annotations

from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.pricing.events import PriceVersionPublished
from usage_ledger.reacting.unsettled import Suspended


class UnsettledInMemory:
    """``Unsettled`` over the index rows of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def waiting(self, tenant: str, workspace_id: str, reason: str, after: bytes, limit: int) -> list[bytes]:
        wanted = tenant, workspace_id, reason
        rows = [row for row in self._store.quarantined.values() if row.disposition == "waiting" and row[2:] == wanted]
        return sorted(row.key for row in rows if row.key > after)[:limit]

    def suspended(self, price: PriceVersionPublished, after: Suspended, limit: int) -> list[Suspended]:
        rows = [
            Suspended(row.shard, row.tenant, row.account_id, row.key)
            for row in self._store.suspended.values()
            if (row.model, row.currency) == (price.model, price.currency)
            and price.effective_from <= row.occurred_at
            and (price.effective_to is None or row.occurred_at < price.effective_to)
            and (price.account_id is None or (row.tenant, row.account_id) == (price.account_tenant, price.account_id))
        ]
        return sorted(row for row in rows if row > after)[:limit]

    def wait_for_decisions(self) -> None:
        """One lock serves the whole store: nothing is under way."""
