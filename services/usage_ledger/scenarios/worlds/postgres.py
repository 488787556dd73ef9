"""A ledger on a database of its own that is thrown away; without Kafka, the events go from the store into the views."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier
from typing import Final

import psycopg

from usage_ledger.adapters.avro_mapper import FINGERPRINT_BYTES
from usage_ledger.adapters.postgres.key_register import find_key
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender
from usage_ledger.handlers import HANDLERS
from usage_ledger.keys.registered_key import RegisteredKey
from usage_ledger.reacting.unsettled_rows import UnsettledRows
from usage_ledger.refusals import InvalidInput
from usage_ledger.scenarios.history import PastEvent
from usage_ledger.scenarios.virtual_clock import VirtualClock
from usage_ledger.scenarios.worlds.databases import Databases
from usage_ledger.scenarios.worlds.logins import Logins
from usage_ledger.scenarios.worlds.projected_views import ProjectedViews
from usage_ledger.scenarios.worlds.rehearsed_ledger import Processes, RehearsedLedger
from usage_ledger.scenarios.worlds.world import Place
from usage_ledger.scheduling.due_account_rows import DueAccountRows
from usage_ledger.submission import Outcome, Submission

# Nobody has the right to do this but the owner, and nothing of ours ever does.
_OVERWRITE: Final = "UPDATE ledger.events SET body = %b WHERE shard = %b AND position = %b"


def postgres_worlds(databases: Databases) -> Place:
    """Worlds on copies of one database."""

    @contextmanager
    def world(clock: VirtualClock) -> Generator[PostgresWorld]:
        with (
            databases.new() as logins,
            psycopg.connect(logins.reactor, autocommit=True) as reactor,
            psycopg.connect(logins.scheduler, autocommit=True) as scheduler,
            _stores(logins.appender, logins.reactor, logins.scheduler) as stores,
        ):
            processes = Processes(stores[1], stores[2], UnsettledRows(reactor), DueAccountRows(scheduler))
            yield PostgresWorld(logins, RehearsedLedger(stores[0], processes, clock))

    return world


class PostgresWorld:
    """See ``World``."""

    def __init__(self, logins: Logins, ledger: RehearsedLedger) -> None:
        self._logins = logins
        self.ledger = ledger
        self.views = ProjectedViews(logins)

    def find_key(self, key_id: str) -> RegisteredKey | None:
        with psycopg.connect(self._logins.reader) as connection:
            return find_key(connection, key_id)

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


@contextmanager
def _stores(*logins: str) -> Generator[list[PostgresStore]]:
    with ExitStack() as opened:
        stores = [PostgresStore(login) for login in logins]
        for store in stores:
            opened.callback(store.close)
        yield stores
