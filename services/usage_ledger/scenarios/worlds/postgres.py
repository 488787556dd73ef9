"""A ledger on a database of its own that is thrown away; without Kafka, the events go from the store into the views."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, Final

import psycopg
from psycopg import Connection

from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.reacting.unsettled_rows import UnsettledRows
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.databases import Databases
from usage_ledger.scenarios.worlds.logins import Logins
from usage_ledger.scenarios.worlds.projected_views import ProjectedViews
from usage_ledger.scenarios.worlds.rehearsed_ledger import RehearsedLedger
from usage_ledger.scenarios.worlds.world import Place
from usage_ledger.submission import Outcome, Submission

# Nobody has the right to do this but the owner, and nothing of ours ever does.
_OVERWRITE: Final = "UPDATE ledger.events SET body = %b WHERE shard = %b AND position = %b"


def postgres_worlds(databases: Databases) -> Place:
    """Worlds on copies of one database."""

    @contextmanager
    def world(clock: VirtualClock) -> Generator[PostgresWorld]:
        with databases.new() as logins, psycopg.connect(logins.reactor, autocommit=True) as connection:
            made = PostgresWorld(logins, connection, clock)
            try:
                yield made
            finally:
                made.close()

    return world


class PostgresWorld:
    """See ``World``."""

    def __init__(self, logins: Logins, connection: Connection[Any], clock: VirtualClock) -> None:
        self._logins = logins
        self._store = PostgresStore(logins.appender)
        self._process_store = PostgresStore(logins.reactor)
        self.ledger = RehearsedLedger(self._store, self._process_store, UnsettledRows(connection), clock)
        self.views = ProjectedViews(logins)

    def submit_at_once(self, submissions: Sequence[Submission]) -> list[Outcome | InvalidInput]:
        together = Barrier(len(submissions))

        def submit(submission: Submission) -> Outcome | InvalidInput:
            store = PostgresStore(self._logins.appender)
            try:
                appender = Appender(store, self.ledger.clock, HANDLERS)
                together.wait()
                return appender.append([submission])[0]
            except BaseException:
                together.abort()
                raise
            finally:
                store.close()

        with ThreadPoolExecutor(len(submissions)) as threads:
            return list(threads.map(submit, submissions))

    def overwrite(self, event: PastEvent, state: bytes) -> None:
        with psycopg.connect(self._logins.owner, autocommit=True) as connection:
            values = (state[FINGERPRINT_BYTES:], event.shard, event.position)
            connection.cursor(binary=True).execute(_OVERWRITE, values)

    def close(self) -> None:
        self._store.close()
        self._process_store.close()
