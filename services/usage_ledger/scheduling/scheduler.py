"""The scheduler process: does what is due to accounts that nobody asks for, the oldest first (C6).

It keeps no place of its own. What is due stands in a table that the appenders write, and leaves it in the transaction
that does it; so whatever dies, whoever takes over and however late, everything is done, and once. What it does not do:
decide. What is due is asked again under the shard's lock, and a command that comes first does the same with equal ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby
from threading import Event as StopSignal
from typing import Any

import structlog
from psycopg import Connection

from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.appender import Appender
from usage_ledger.reacting.working import RECOVERABLE, session, work_until_stopped
from usage_ledger.refusals import InvalidInput
from usage_ledger.scheduling.due_account_rows import DueAccountRows
from usage_ledger.scheduling.due_accounts import DueAccount
from usage_ledger.scheduling.due_commands import due_command, is_stuck
from usage_ledger_schemas import metrics

POLL_S = 0.2
BATCH_ACCOUNTS = 100
"""Of one look, and at most of one append: bounds how long a shard stays locked for what can wait."""

FAILED_PAUSE_S = 10.0
STUCK_PAUSE_S = 60.0
"""What cannot happen yet, such as a grant that would pass 64 bits, stays due until the account makes room for it."""

PAUSE_MAX_S = 0.5

Place = tuple[str, str]

log = structlog.get_logger()


class Scheduler:
    """Composed of ways to open a database connection (autocommit) and an appender that was not started, and a clock."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        open_appender: Callable[[], Appender],
        leases: Leases,
        clock: Clock,
    ) -> None:
        self._connect = connect
        self._open_appender = open_appender
        self._leases = leases
        self._clock = clock

    def run(self, stop: StopSignal) -> None:
        """Do what is due until told to stop."""
        work_until_stopped("scheduler", lambda: self._serve(stop), stop)

    def _serve(self, stop: StopSignal) -> None:
        with session(self._connect, self._open_appender, self._leases) as (connection, appender):
            SchedulerSession(connection, appender, self._leases, self._clock, stop).serve()


class SchedulerSession:
    """From one connection to the next failure."""

    def __init__(
        self, connection: Connection[Any], appender: Appender, leases: Leases, clock: Clock, stop: StopSignal
    ) -> None:
        self._connection = connection
        self._appender = appender
        self._leases = leases
        self._clock = clock
        self._stop = stop
        self._rows = DueAccountRows(connection)
        self._shards: frozenset[int] = frozenset()
        self._paused_until: dict[Place, float] = {}
        self._renew_at = 0.0

    def serve(self) -> None:
        """Raises what ``RECOVERABLE`` names."""
        while not self._stop.is_set():
            self._renew()
            self._stop.wait(self.tick() if self._shards else POLL_S)

    def tick(self) -> float:
        """One look at what is due. Returns seconds to wait before the next."""
        now = self._clock.now()
        self._end_pauses()
        # Those that fail stay due: as many more are asked for, so that they never hide the others.
        found = self._rows.due(self._shards, now, BATCH_ACCOUNTS + len(self._paused_until))
        metrics.scheduler_lag_seconds.set((now - found[0].next_due) / 1_000_000 if found else 0)
        due = [each for each in found if not self._is_paused(each)][:BATCH_ACCOUNTS]
        for _, of_shard in groupby(sorted(due), key=lambda each: each.shard):
            self._append(list(of_shard))
            self._renew()
        return 0.0 if len(due) == BATCH_ACCOUNTS else POLL_S

    def _append(self, due: Sequence[DueAccount]) -> None:
        """One group, then a pause as long as it took, so that live traffic has the other half."""
        began = time.monotonic()
        try:
            self._do(due)
        except RECOVERABLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other accounts go on
            self._go_on_without(due, error)
        self._stop.wait(min(PAUSE_MAX_S, time.monotonic() - began))

    def _do(self, due: Sequence[DueAccount]) -> None:
        outcomes = self._appender.append([due_command(each) for each in due])
        for each, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, InvalidInput):
                raise outcome
            metrics.scheduler_commands_total.labels(outcome.outcome).inc()
            if is_stuck(each, outcome):
                self._pause(each, STUCK_PAUSE_S)

    def _go_on_without(self, due: Sequence[DueAccount], error: Exception) -> None:
        """One account that fails is tried again later, loudly; the others are done one by one."""
        if len(due) > 1:
            for each in due:
                self._append([each])
            return
        (failed,) = due
        self._pause(failed, FAILED_PAUSE_S)
        metrics.scheduler_failures_total.labels(failed.shard).inc()
        log.error(
            "due_change_failed", shard=failed.shard, tenant=failed.tenant, account=failed.account_id, exc_info=error
        )

    def _pause(self, due: DueAccount, seconds: float) -> None:
        self._paused_until[due.tenant, due.account_id] = time.monotonic() + seconds

    def _is_paused(self, due: DueAccount) -> bool:
        return (due.tenant, due.account_id) in self._paused_until

    def _end_pauses(self) -> None:
        """Also of accounts that somebody else did meanwhile."""
        now = time.monotonic()
        self._paused_until = {place: until for place, until in self._paused_until.items() if until > now}

    def _renew(self) -> None:
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + self._leases.renew_every_s
        held = self._leases.renew(self._connection)
        if held - self._shards:
            log.info("scheduler_serves", shards=sorted(held - self._shards))
        self._shards = held
