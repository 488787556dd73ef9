"""Leases of workers that share a job's shards evenly: one worker more or less, and the shares change by themselves.

Each worker holds a place, a lease like any other, of which there are as many as shards. Those places that have not
lapsed say how many workers live and which of them this one is, and so how many shards are its own. Whoever has too many
gives some back, whoever has too few takes what is free; a worker beyond the last place stands by for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S, Leases

# The places of workers that live, in order.
_LIVING = "SELECT name FROM ledger.leases WHERE name = ANY(%s) AND until >= clock_timestamp()"


class SharedLeases(Leases):
    """The leases of one of several like workers, each of which could serve every shard of the job. Not thread-safe."""

    def __init__(self, job: str, shards: Iterable[int], lease_s: float = DEFAULT_LEASE_S) -> None:
        super().__init__(job, shards, lease_s)
        self._places = sorted(f"worker-{job}-{place}" for place in range(len(self._shard_by_name)))

    def _share(self, connection: Connection[Any]) -> int:
        """Shares differ by one shard at most, and together they are all shards."""
        place = self._hold(connection, self._places, 1)
        if not place:
            return 0
        workers = sorted({*place, *(row[0] for row in connection.execute(_LIVING, (self._places,)))})
        shards, left_over = divmod(len(self._shard_by_name), len(workers))
        return shards + (workers.index(place[0]) < left_over)

    def _names(self) -> list[str]:
        return [*super()._names(), *self._places]
