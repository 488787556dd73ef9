"""The port to accounts that something happens to by itself, found by when (C6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol


class DueAccount(NamedTuple):
    """``next_due`` is when its first change is due, microseconds UTC."""

    shard: int
    tenant: str
    account_id: str
    next_due: int


class DueAccounts(Protocol):
    """What is found may have been done since: the command that follows asks again, under the lock."""

    def due(self, shards: Collection[int], at: int, limit: int) -> list[DueAccount]:
        """Accounts of these shards with something due at or before ``at`` (microseconds UTC), the oldest first."""
        ...
