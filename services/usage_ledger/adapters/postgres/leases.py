"""Leases: which process does a job for which shards, as rows of ``ledger.leases``.

The database's clock decides. A lease saves two processes from doing the same work; it is not what keeps them from
harm, for a process may be paused after it looked. Its work must be fenced by a compare-and-set of its own.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import Connection

from usage_ledger_schemas import metrics

DEFAULT_LEASE_S = 10.0

# Take what is free, lapsed or mine already. Names come sorted, so that two processes cannot wait for each other.
_RENEW = """
    INSERT INTO ledger.leases AS lease (name, holder, until)
    SELECT name, %s, clock_timestamp() + make_interval(secs => %s) FROM unnest(%s::text[]) AS name
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
    RETURNING name
"""

# Whoever waits for these jobs may have them at once.
_RELEASE = "UPDATE ledger.leases SET until = clock_timestamp() WHERE holder = %s AND name = ANY(%s)"


class Leases:
    """The leases of one process on one job, such as ``relay``, for some shards. Not thread-safe."""

    def __init__(self, job: str, shards: Iterable[int], lease_s: float = DEFAULT_LEASE_S) -> None:
        self._job = job
        self._shard_by_name = {f"{job}-{shard}": shard for shard in shards}
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._lease_s = lease_s
        self.renew_every_s = lease_s / 3
        """A renewal may fail twice before the lease lapses."""

    def renew(self, connection: Connection[Any]) -> frozenset[int]:
        """The shards that are this process's until the lease lapses. Raises psycopg.Error."""
        names = sorted(self._shard_by_name)
        rows = connection.execute(_RENEW, (self._holder, self._lease_s, names)).fetchall()
        held = frozenset(self._shard_by_name[row[0]] for row in rows)
        for shard in self._shard_by_name.values():
            metrics.lease_held.labels(self._job, shard).set(shard in held)
        return held

    def release(self, connection: Connection[Any]) -> None:
        """Give everything back. A connection that is gone lets the leases lapse instead."""
        try:
            connection.execute(_RELEASE, (self._holder, sorted(self._shard_by_name)))
        except (psycopg.OperationalError, psycopg.InterfaceError):
            return
        for shard in self._shard_by_name.values():
            metrics.lease_held.labels(self._job, shard).set(0)
