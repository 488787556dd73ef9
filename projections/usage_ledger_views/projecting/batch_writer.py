"""Applies batches of records to the views: one transaction each, and the offsets move in it.

So a batch has its whole effect or none, whenever the process dies, and a record that comes again changes nothing.
A record that cannot be applied is found by cutting the batch and blocks its stream; the others go on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg import Connection, Cursor

from usage_ledger_schemas import metrics
from usage_ledger_views.account_balances.write import UnknownRow
from usage_ledger_views.event import Event
from usage_ledger_views.progress import progress, streams
from usage_ledger_views.progress.progress import OffsetMoved, Step
from usage_ledger_views.projecting.folding import ApplyFailed, fold
from usage_ledger_views.projecting.record import Delivered, Record, delivered
from usage_ledger_views.projecting.screening import DETAIL_MAX_CHARACTERS, Convictions, Screened, Verdict, screen
from usage_ledger_views.view import View

# What the data of an event can cause. Anything else (no connection, a deadlock) is not the event's fault.
WRITE_FAILURES = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, UnknownRow)
KNOWN_VERSIONS_MAX = 200_000
MICROS = 1_000_000

log = structlog.get_logger()


class _Known(msgspec.Struct):
    """What this writer knows of its shards. True as long as no other projector moves them, which the offsets prove."""

    offsets: dict[int, int]
    positions: dict[int, int]
    repairs: dict[int, int]
    blocked: dict[str, int]
    versions: dict[str, int] = {}


class BatchWriter:
    """Writes for some shards over one connection in autocommit mode. Not thread-safe."""

    def __init__(self, connection: Connection[Any], views: Iterable[View[Any]], shards: Iterable[int]) -> None:
        self._connection = connection
        self._views = tuple(views)
        self._shards = sorted(shards)
        self._known = self._load()

    @property
    def offsets(self) -> Mapping[int, int]:
        """The next offset to read, by shard."""
        return self._known.offsets

    def notice_repairs(self) -> bool:
        """Whether there were repairs; their streams are then taken up at the versions that they were left at.

        Raises psycopg.Error.
        """
        cursor, known = self._cursor(), self._known
        # The count first: a repair between the two questions is then noticed once more, never missed.
        repairs = progress.repairs(cursor, self._shards)
        if repairs == known.repairs:
            return False
        known.repairs = repairs
        known.blocked = streams.blocked_streams(cursor, self._shards)
        known.versions.clear()
        self._gauge_blocked()
        return True

    def write(self, batch: Sequence[Record]) -> None:
        """Apply a batch, records of a shard in offset order. Raises OffsetMoved, psycopg.OperationalError."""
        waiting: list[Sequence[Delivered]] = [[delivered(record) for record in batch]]
        while waiting:
            part = waiting.pop()
            try:
                self._transact(part, {})
            except ApplyFailed as failure:
                waiting.extend(
                    reversed(self._cut(part, _index(part, failure.event), Verdict("apply_failed", failure.detail)))
                )
            except WRITE_FAILURES as error:
                detail = f"{type(error).__name__}: {error}"[:DETAIL_MAX_CHARACTERS]
                waiting.extend(reversed(self._cut(part, len(part) // 2, Verdict("write_failed", detail))))
            except OffsetMoved:
                if not self.notice_repairs():
                    raise
                waiting.append(part)

    def _cut(self, part: Sequence[Delivered], index: int, verdict: Verdict) -> list[Sequence[Delivered]]:
        """The pieces to try next: before the index, and from it on. A single record is convicted instead."""
        if len(part) == 1:
            self._transact(part, {(part[0].shard, part[0].offset): verdict})
            return []
        if index == 0:
            return [part[:1], part[1:]]
        return [part[:index], part[index:]]

    def _transact(self, part: Sequence[Delivered], convictions: Convictions) -> None:
        known = self._known
        with metrics.projector_transaction_seconds.time(), self._connection.transaction():
            cursor = self._cursor()
            self._learn_versions(cursor, part)
            screened = screen(
                part,
                versions=known.versions,
                positions=known.positions,
                blocked=known.blocked.keys(),
                convictions=convictions,
            )
            changed = fold(self._views, screened.events)
            steps = self._steps(part, screened)
            progress.advance(cursor, steps)
            for view, changes in changed:
                view.write(cursor, changes)
            streams.set_versions(cursor, screened.last_versions())
            streams.block(cursor, screened.blocked)
        self._remember(steps, screened)

    def _learn_versions(self, cursor: Cursor[Any], part: Sequence[Delivered]) -> None:
        versions = self._known.versions
        if len(versions) > KNOWN_VERSIONS_MAX:
            versions.clear()
        unknown = {record.stream_id for record in part}.difference(versions)
        if unknown:
            versions.update(dict.fromkeys(unknown, 0))
            versions.update(streams.versions(cursor, unknown))

    def _steps(self, part: Sequence[Delivered], screened: Screened) -> list[Step]:
        ends = {record.shard: record.offset + 1 for record in part}
        recorded_at = {event.shard: event.record["recorded_at"] for event in screened.events}
        offsets, repairs, positions = self._known.offsets, self._known.repairs, screened.positions
        return [
            Step(shard, offsets[shard], repairs[shard], end, positions.get(shard, 0), recorded_at.get(shard, 0))
            for shard, end in ends.items()
        ]

    def _remember(self, steps: Iterable[Step], screened: Screened) -> None:
        known = self._known
        for step in steps:
            known.offsets[step.shard] = step.next_offset
            if step.recorded_at:
                metrics.projector_lag_seconds.labels(step.shard).set(time.time() - step.recorded_at / MICROS)
        known.positions.update(screened.positions)
        known.versions.update(screened.versions)
        for blocked in screened.blocked:
            known.blocked[blocked.stream_id] = blocked.shard
            metrics.projector_blocked_total.labels(blocked.shard, blocked.reason).inc()
            log.error("stream_blocked", **blocked._asdict())
        if screened.blocked:
            self._gauge_blocked()
        _count(screened)

    def _load(self) -> _Known:
        cursor = self._cursor()
        begun = progress.begin(cursor, self._shards)
        return _Known(
            offsets={shard: at.next_offset for shard, at in begun.items()},
            positions={shard: at.position for shard, at in begun.items()},
            repairs={shard: at.repairs for shard, at in begun.items()},
            blocked=streams.blocked_streams(cursor, self._shards),
        )

    def _gauge_blocked(self) -> None:
        by_shard = Counter(self._known.blocked.values())
        for shard in self._shards:
            metrics.projector_blocked_streams.labels(shard).set(by_shard[shard])

    def _cursor(self) -> Cursor[Any]:
        return self._connection.cursor(binary=True)


def _index(part: Sequence[Delivered], event: Event) -> int:
    return next(i for i, record in enumerate(part) if (record.shard, record.offset) == (event.shard, event.offset))


def _count(screened: Screened) -> None:
    metrics.projector_batch_events.observe(len(screened.events))
    for counter, counts in (
        (metrics.projector_applied_total, Counter(event.shard for event in screened.events)),
        (metrics.projector_duplicates_total, screened.duplicates),
        (metrics.projector_skipped_total, screened.skipped),
        (metrics.projector_position_gaps_total, screened.position_gaps),
    ):
        for shard, count in counts.items():
            counter.labels(shard).inc(count)
    if screened.position_gaps:
        log.error("positions_not_contiguous", shards=sorted(screened.position_gaps))
