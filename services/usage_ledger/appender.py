"""The one component that appends.

Doors hand in submissions; a thread takes whatever is waiting, runs it as one group in one transaction and answers each
caller after the commit. Groups form by themselves while the previous one commits, and for a few milliseconds more after
one of several callers; a lone caller waits for nobody.

Guarantee: an outcome is given only after its events are durable, and a command or attempt has its effect once.
It does not: authenticate, parse, talk to Kafka, or read a view.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic, sleep

import msgspec
import structlog

from usage_ledger.adapters.clock import Clock, event_id
from usage_ledger.appending.command_decision import Handler, decide
from usage_ledger.appending.group import EventIds, Group
from usage_ledger.appending.job import InOrder, Job, answer, fail, follows_unknown, leave_unknown
from usage_ledger.appending.lanes import Lanes
from usage_ledger.appending.measuring import observe_group
from usage_ledger.appending.named import named_by
from usage_ledger.appending.platform_facts import PlatformFacts
from usage_ledger.appending.rate_limiter import RateLimiter
from usage_ledger.appending.stream_cache import StreamCache
from usage_ledger.deciding import MoreIsDue
from usage_ledger.fact_commands import FACT_COMMANDS
from usage_ledger.refusals import InvalidInput
from usage_ledger.store import AppendFailed, CommitUnknown, LedgerStore, PlacedEvent, StoreUnavailable
from usage_ledger.streams import FACTS_SHARD, shard_of
from usage_ledger.submission import Outcome, Submission
from usage_ledger.workspaces.mode_sources import ReadersAt, stored_facts
from usage_ledger_schemas import metrics

log = structlog.get_logger()


class Overloaded(Exception):
    """More is waiting than may wait. Nothing of this was accepted; send it again later."""


class LedgerUnavailable(Exception):
    """The store cannot be reached; the outcome is unknown. Look the command up, or send it again under the same id."""


class AppenderLimits(msgspec.Struct, frozen=True):
    """Work is counted in items: a usage item is one, any other command is one.

    A group is bounded, because everybody in it, and whoever comes meanwhile, waits for all of it.
    """

    group_items: int = 2_000
    gather_s: float = 0.002
    queue_items: int = 40_000
    cached_streams: int = 20_000  # a shard
    settle_unknown_s: float = 8.0


class _Attempted(msgspec.Struct):
    """What a transaction was about to commit: enough to find out afterwards whether it did."""

    outcomes: list[Outcome | InvalidInput]
    witness: PlacedEvent | None


class Appender:
    """Owns its store: nothing else may use that connection. ``submit`` may be called from any thread."""

    def __init__(
        self,
        store: LedgerStore,
        clock: Clock,
        handlers: Mapping[type, Handler],
        limits: AppenderLimits = AppenderLimits(),  # noqa: B008 - frozen
        event_ids: EventIds = event_id,
        fact_readers: ReadersAt = stored_facts,
    ) -> None:
        self._store = store
        self._clock = clock
        self._handlers = handlers
        self._limits = limits
        self._event_ids = event_ids
        self._fact_readers = fact_readers
        self._cache = StreamCache(limits.cached_streams)
        self._facts = PlatformFacts()
        self._limiter = RateLimiter()
        self._waiting: Lanes[Job] = Lanes()
        self._wake = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="appender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more, finish what is waiting, close the store."""
        with self._wake:
            self._stopping.set()
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()
        self._store.close()

    def submit(self, submissions: Sequence[Submission], *, in_order: bool = False) -> list[Future[Outcome]]:
        """Queue commands, all of them or none. Futures give the outcome or raise LedgerUnavailable, InvalidInput.

        ``in_order``: where one fails with LedgerUnavailable, those after it fail likewise and are not tried, so that
        sending them all again, in their order, never lets a later one overtake an earlier one.

        Raises Overloaded when too much is waiting, or when the appender is stopping.
        """
        sequence = InOrder() if in_order else None
        jobs = [Job(submission, sequence) for submission in submissions]
        items = sum(job.items for job in jobs)
        with self._wake:
            if self._stopping.is_set() or self._waiting.items + items > self._limits.queue_items:
                raise Overloaded
            if items == 1 and sequence is None:
                self._waiting.add_single(jobs[0])
            else:
                self._waiting.add_batch(jobs)
            self._wake.notify()
        return [job.future for job in jobs]

    def append(self, submissions: Sequence[Submission]) -> list[Outcome | InvalidInput]:
        """Run one group now, in this thread. For tests, rehearsals and the command line, never beside ``start``.

        Raises LedgerUnavailable, or whatever a deciding function failed with.
        """
        outcomes: list[Outcome | InvalidInput] = []
        try:
            while len(outcomes) < len(submissions):
                outcomes += self._append_group(submissions[len(outcomes) :])
        except StoreUnavailable as error:
            raise LedgerUnavailable(str(error)) from error
        return outcomes

    def _work(self) -> None:
        while jobs := self._take():
            began, several = monotonic(), len(jobs) > 1
            while jobs:
                jobs = self._run(jobs)
            if several:
                self._gather(began)

    def _gather(self, began: float) -> None:
        """Where several callers come at a time, the next group begins ``gather_s`` after this one and not sooner.

        Under the load of many small commands, groups of two or three would each cost nearly what one of ten costs.
        """
        self._stopping.wait(max(0.0, began + self._limits.gather_s - monotonic()))

    def _take(self) -> list[Job]:
        """Whatever is waiting, up to a group; empty only when stopping."""
        with self._wake:
            while not self._waiting and not self._stopping.is_set():
                self._wake.wait()
            jobs = self._waiting.take(self._limits.group_items) if self._waiting else []
            metrics.append_queue_items.set(self._waiting.items)
            return jobs

    def _run(self, jobs: list[Job]) -> list[Job]:
        """Answers those that were decided; returns the others, which come first in the next transaction."""
        jobs = _without_followers_of_unknown(jobs)
        if not jobs:
            return []
        try:
            outcomes = self._append_group([job.submission for job in jobs])
        except StoreUnavailable as error:
            log.warning("store_unavailable", reason=str(error))
            metrics.append_failures_total.labels("unavailable").inc()
            leave_unknown(jobs, LedgerUnavailable(str(error)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other commands of the group go on
            self._run_singly(jobs, error)
        else:
            for job, outcome in zip(jobs, outcomes, strict=False):
                answer(job, outcome)
            return jobs[len(outcomes) :]
        return []

    def _run_singly(self, jobs: list[Job], error: Exception) -> None:
        """One command fails its group, never its neighbours."""
        if len(jobs) > 1:
            log.warning("group_failed", commands=len(jobs), error=type(error).__name__)
            metrics.append_failures_total.labels("retried_one_by_one").inc()
            for job in jobs:
                alone = [job]
                while alone:
                    alone = self._run(alone)
            return
        submission = jobs[0].submission
        log.error("command_failed", command=type(submission.command).__name__, tenant=submission.tenant, exc_info=error)
        fail(jobs, error)

    def _append_group(self, submissions: Sequence[Submission]) -> list[Outcome | InvalidInput]:
        """One transaction. Answers for as many of the commands, from the first on, as were decided in it."""
        attempted = _Attempted([], None)
        try:
            self._transact(submissions, attempted)
        except CommitUnknown as error:
            self._forget(submissions)
            log.warning("commit_unknown", reason=str(error))
            metrics.append_failures_total.labels("commit_unknown").inc()
            if not self._was_committed(submissions, attempted):
                return self._append_group(submissions)
        except BaseException:
            self._forget(submissions)
            raise
        return attempted.outcomes

    def _transact(self, submissions: Sequence[Submission], attempted: _Attempted) -> None:
        """The five beats: lock, dedupe, load, decide, append; the commit is the end of the block."""
        with self._store.transaction(self._shards_of(submissions), named_by(submissions)) as transaction:
            locked = monotonic()
            group = Group(
                transaction,
                self._cache,
                self._facts,
                self._store.shard_count,
                self._clock.now(),
                self._event_ids,
                self._limiter,
                self._fact_readers,
            )
            attempted.outcomes = _decided(group, submissions, self._handlers)
            group.write()
            attempted.witness = next(iter(group.batch.events), None)
        self._cache.committed(group.positions)
        observe_group(group, submissions[: len(attempted.outcomes)], attempted.outcomes, monotonic() - locked)

    def _was_committed(self, submissions: Sequence[Submission], attempted: _Attempted) -> bool:
        """Whether a transaction whose commit was not answered is in the store. Never guessed: the store is asked.

        Raises StoreUnavailable when the store cannot be asked in time.
        """
        if attempted.witness is None:
            return False  # nothing was appended, so running it again is no second effect
        deadline = monotonic() + self._limits.settle_unknown_s
        while True:
            try:
                with self._store.transaction(self._shards_of(submissions)) as transaction:
                    witness = attempted.witness
                    found = transaction.event_at(witness.shard, witness.position)
                    return found is not None and found.leaf == witness.leaf
            except (StoreUnavailable, AppendFailed, CommitUnknown) as error:
                if monotonic() > deadline:
                    raise StoreUnavailable("the store did not say whether it had committed") from error
                sleep(0.2)

    def _forget(self, submissions: Sequence[Submission]) -> None:
        shards = self._shards_of(submissions)
        self._cache.forget(shards)
        if FACTS_SHARD in shards:
            self._facts = PlatformFacts()

    def _shards_of(self, submissions: Sequence[Submission]) -> set[int]:
        """Each command's tenant lives in one shard; a fact of the whole deployment is appended to the facts' shard."""
        shards = {shard_of(submission.tenant, self._store.shard_count) for submission in submissions}
        if any(isinstance(submission.command, FACT_COMMANDS) for submission in submissions):
            shards.add(FACTS_SHARD)
        return shards


def _decided(
    group: Group, submissions: Sequence[Submission], handlers: Mapping[type, Handler]
) -> list[Outcome | InvalidInput]:
    """What became of the commands, up to the first that finds more due than this transaction takes (C6).

    Those after it wait with it: none overtakes another.
    """
    outcomes: list[Outcome | InvalidInput] = []
    with suppress(MoreIsDue):
        for submission in submissions:
            outcomes.append(decide(group, submission, handlers))  # noqa: PERF401 - what was decided before stays
    return outcomes


def _without_followers_of_unknown(jobs: list[Job]) -> list[Job]:
    """The jobs that may run; the others are answered."""
    followers = [job for job in jobs if follows_unknown(job)]
    if not followers:
        return jobs
    fail(followers, LedgerUnavailable("what became of an earlier command of the sequence is unknown"))
    return [job for job in jobs if not follows_unknown(job)]
