"""The reactor process: answers facts with commands, which it appends itself; at least once each, with one effect.

A shard's checkpoint moves only after everything that follows from its facts was appended. So whatever dies, and whoever
takes over, nothing is left out; what is sent again meets its command id, and state that has moved on. What it does not
do: decide. Whether something is booked or rated is decided under the shard's lock, like any command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event as StopSignal
from typing import Any

import structlog
from psycopg import Connection

from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.appender import Appender
from usage_ledger.reacting.fact_tail import Fact, FactTail, ShardFacts
from usage_ledger.reacting.reactions import REACTIONS, reactions
from usage_ledger.reacting.unsettled_rows import UnsettledRows
from usage_ledger.reacting.working import RECOVERABLE, session, work_until_stopped
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Submission
from usage_ledger_schemas import metrics

POLL_S = 0.1
STANDBY_POLL_S = 0.2
FAILED_PAUSE_S = 10.0
PAUSE_MAX_S = 0.5

log = structlog.get_logger()


class Reactor:
    """Composed of ways to open a database connection (autocommit) and an appender that was not started."""

    def __init__(
        self, connect: Callable[[], Connection[Any]], open_appender: Callable[[], Appender], leases: Leases
    ) -> None:
        self._connect = connect
        self._open_appender = open_appender
        self._leases = leases

    def run(self, stop: StopSignal) -> None:
        """React until told to stop."""
        work_until_stopped("reactor", lambda: self._serve(stop), stop)

    def _serve(self, stop: StopSignal) -> None:
        with session(self._connect, self._open_appender, self._leases) as (connection, appender):
            ReactorSession(connection, appender, self._leases, stop).serve()


class ReactorSession:
    """From one connection to the next failure."""

    def __init__(self, connection: Connection[Any], appender: Appender, leases: Leases, stop: StopSignal) -> None:
        self._connection = connection
        self._appender = appender
        self._leases = leases
        self._stop = stop
        self._tail = FactTail(connection, REACTIONS)
        self._unsettled = UnsettledRows(connection)
        self._checkpoints: dict[int, int] = {}
        self._paused_until: dict[int, float] = {}
        self._renew_at = 0.0

    def serve(self) -> None:
        """React until told to stop. Raises what ``RECOVERABLE`` names."""
        while not self._stop.is_set():
            self._renew()
            self._stop.wait(self.tick() if self._checkpoints else STANDBY_POLL_S)

    def tick(self) -> float:
        """One look at all shards. Returns seconds to wait before the next."""
        now = time.monotonic()
        waiting = {shard: at for shard, at in self._checkpoints.items() if self._paused_until.get(shard, now) <= now}
        tails = self._tail.read(waiting) if waiting else {}
        reacted = {shard: tail for shard, tail in tails.items() if self._reacts_to_all(shard, tail)}
        if reacted:
            self._advance(reacted)
        return 0.0 if any(tail.seen < tail.last_position for tail in reacted.values()) else POLL_S

    def _reacts_to_all(self, shard: int, tail: ShardFacts) -> bool:
        """Whether everything that follows from these facts was appended.

        A fact that cannot be decoded, and a reaction that fails, stop their shard, loudly, and are tried again: were
        they skipped, what they are about would be left waiting and nobody would know.
        """
        return all(self._reacts_to_or_pauses(shard, fact) for fact in tail.facts)

    def _reacts_to_or_pauses(self, shard: int, fact: Fact) -> bool:
        try:
            return self._reacts_to(shard, fact)
        except RECOVERABLE:
            raise
        except Exception as error:
            self._paused_until[shard] = time.monotonic() + FAILED_PAUSE_S
            metrics.reactor_failures_total.labels(shard).inc()
            log.error("reaction_failed", shard=shard, position=fact.position, exc_info=error)
            return False

    def _reacts_to(self, shard: int, fact: Fact) -> bool:
        """False when it was told to stop, or lost the shard, on the way."""
        for submissions in reactions(*fact.decoded(), self._unsettled):
            self._append(submissions)
            self._renew()
            if self._stop.is_set() or shard not in self._checkpoints:
                return False
        return True

    def _append(self, submissions: Sequence[Submission]) -> None:
        """One group, then a pause as long as it took, waiting for the lock included.

        So live traffic has the other half, and the busier it is, the longer the reactor stays away.
        """
        began = time.monotonic()
        outcomes = self._appender.append(submissions)
        for submission, outcome in zip(submissions, outcomes, strict=True):
            if isinstance(outcome, InvalidInput):
                raise outcome
            metrics.reactor_commands_total.labels(type(submission.command).__name__, outcome.outcome).inc()
        self._stop.wait(min(PAUSE_MAX_S, time.monotonic() - began))

    def _advance(self, reacted: Mapping[int, ShardFacts]) -> None:
        held = {shard: tail for shard, tail in reacted.items() if shard in self._checkpoints}
        steps = [(shard, self._checkpoints[shard], tail.seen) for shard, tail in held.items()]
        moved = self._tail.advance(steps) if steps else set[int]()
        for shard, tail in held.items():
            if shard in moved:
                self._checkpoints[shard] = tail.seen
                metrics.reactor_lag_records.labels(shard).set(tail.last_position - tail.seen)
            else:
                self._checkpoints.pop(shard)  # somebody else moved it meanwhile; the next renewal looks again

    def _renew(self) -> None:
        if time.monotonic() < self._renew_at:
            return
        self._renew_at = time.monotonic() + self._leases.renew_every_s
        held = self._leases.renew(self._connection)
        for shard in self._checkpoints.keys() - held:
            self._checkpoints.pop(shard)
        taken = sorted(held - self._checkpoints.keys())
        if taken:
            self._checkpoints |= self._tail.begin(taken)
            log.info("reactor_serves", shards=taken)
