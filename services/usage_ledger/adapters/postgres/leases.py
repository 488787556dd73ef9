"""Leases: which process does a job for which shards, as rows of ``ledger.leases``.

The database's clock decides. A lease saves two processes from doing the same work; it is not what keeps them from
harm, for a process may be paused after it looked. Its work must be fenced by a compare-and-set of its own.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import Connection

from usage_ledger_schemas import metrics

DEFAULT_LEASE_S = 6.0
"""Whoever dies is replaced after this long, one renewal of the others and their start: within ten seconds in all."""

RENEWALS_PER_LEASE = 3
"""A renewal may fail twice before the lease lapses."""

# What is mine stays mine, also if it lapsed and nobody took it.
_KEEP = """
    UPDATE ledger.leases AS lease SET until = clock_timestamp() + make_interval(secs => %s)
      FROM (SELECT name FROM ledger.leases WHERE holder = %s AND name = ANY(%s) ORDER BY name FOR UPDATE) AS mine
     WHERE lease.name = mine.name RETURNING lease.name
"""

# Take what nobody has or what lapsed, up to a number. Who else takes it at the same moment, one of us gets nothing.
_TAKE = """
    INSERT INTO ledger.leases AS lease (name, holder, until)
    SELECT wanted.name, %s, clock_timestamp() + make_interval(secs => %s)
      FROM unnest(%s::text[]) AS wanted (name)
     WHERE NOT EXISTS (SELECT FROM ledger.leases AS held
                        WHERE held.name = wanted.name AND held.until >= clock_timestamp())
     LIMIT %s
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE lease.until < clock_timestamp()
    RETURNING name
"""

# Whoever waits for these jobs may have them at once.
_GIVE_BACK = "UPDATE ledger.leases SET until = clock_timestamp() WHERE holder = %s AND name = ANY(%s)"


class Leases:
    """The leases of one process on one job, such as ``relay``: all of these shards that it can get. Not thread-safe."""

    def __init__(self, job: str, shards: Iterable[int], lease_s: float = DEFAULT_LEASE_S) -> None:
        self._job = job
        # In the order of names everywhere, so that two processes cannot wait for each other's rows.
        self._shard_by_name = dict(sorted((f"{job}-{shard}", shard) for shard in shards))
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._lease_s = lease_s
        self.renew_every_s = lease_s / RENEWALS_PER_LEASE

    def renew(self, connection: Connection[Any]) -> frozenset[int]:
        """The shards that are this process's until the lease lapses. Raises psycopg.Error."""
        names = self._hold(connection, list(self._shard_by_name), self._share(connection))
        held = frozenset(self._shard_by_name[name] for name in names)
        for shard in self._shard_by_name.values():
            metrics.lease_held.labels(self._job, shard).set(shard in held)
        return held

    def release(self, connection: Connection[Any]) -> None:
        """Give everything back. A connection that is gone lets the leases lapse instead."""
        try:
            self._give_back(connection, self._names())
        except (psycopg.OperationalError, psycopg.InterfaceError):
            return
        for shard in self._shard_by_name.values():
            metrics.lease_held.labels(self._job, shard).set(0)

    def _share(self, connection: Connection[Any]) -> int:
        """How many of the shards are for this process."""
        return len(self._shard_by_name)

    def _names(self) -> list[str]:
        """Every lease that this process may hold."""
        return list(self._shard_by_name)

    def _hold(self, connection: Connection[Any], names: Sequence[str], at_most: int) -> list[str]:
        """Keep what is ours, give back what is too much, take what is free."""
        rows = connection.execute(_KEEP, (self._lease_s, self._holder, list(names))).fetchall()
        mine = sorted(row[0] for row in rows)
        self._give_back(connection, mine[at_most:])
        del mine[at_most:]
        if len(mine) < at_most:
            wanted = [name for name in names if name not in mine]
            values = (self._holder, self._lease_s, wanted, at_most - len(mine))
            mine += [row[0] for row in connection.execute(_TAKE, values)]
        return mine

    def _give_back(self, connection: Connection[Any], names: Sequence[str]) -> None:
        if names:
            connection.execute(_GIVE_BACK, (self._holder, list(names)))
