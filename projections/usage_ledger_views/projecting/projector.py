"""The projector process: takes leases on shards, reads their partitions, and has each batch written.

What it does not do: remember anything. Offsets, versions and blocked streams are in Postgres, so it may be killed at
any moment, and two of them serving one shard cannot both write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event as StopSignal
from typing import Any, Protocol

import psycopg
import structlog
from kafka.errors import KafkaError
from psycopg import Connection

from usage_ledger_schemas import metrics
from usage_ledger_views.progress.progress import OffsetMoved
from usage_ledger_views.projecting.batch_writer import BatchWriter
from usage_ledger_views.projecting.record_reader import RecordReader
from usage_ledger_views.view import View
from usage_ledger_views.views import VIEWS

POLL_MS = 200
STANDBY_POLL_S = 0.2
BUSY_RECORDS = 16
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 5.0

# Ends a session, never the process: the next one begins from what Postgres knows.
RECOVERABLE = (psycopg.OperationalError, psycopg.InterfaceError, KafkaError, OffsetMoved)

log = structlog.get_logger()


class Leases(Protocol):
    """Which shards this process may serve. Being wrong about it costs work, not correctness."""

    renew_every_s: float

    def renew(self, connection: Connection[Any]) -> frozenset[int]: ...
    def release(self, connection: Connection[Any]) -> None: ...


@dataclass(frozen=True)
class Pace:
    """``linger_s``: how long a busy projector waits for more. ``stall_s``: silence that makes it ask Kafka why."""

    linger_s: float = 0.05
    stall_s: float = 5.0


class Projector:
    """Composed of ways to open a database connection (autocommit) and a reader."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        open_reader: Callable[[], RecordReader],
        leases: Leases,
        pace: Pace,
        views: Iterable[View[Any]] = VIEWS,
    ) -> None:
        self._connect = connect
        self._open_reader = open_reader
        self._leases = leases
        self._pace = pace
        self._views = tuple(views)

    def run(self, stop: StopSignal) -> None:
        """Serve until told to stop; what a failed dependency interrupts is taken up again, later and later."""
        retry_s = RETRY_FIRST_S
        while not stop.is_set():
            session = _Session(self._connect, self._open_reader, self._leases, self._pace, self._views)
            try:
                session.serve(stop)
            except RECOVERABLE as error:
                retry_s = RETRY_FIRST_S if session.wrote else min(RETRY_MAX_S, retry_s * 2)
                log.warning("projector_interrupted", error=f"{type(error).__name__}: {error}", retry_in_s=retry_s)
                stop.wait(retry_s)
            finally:
                session.close()


class _Session:
    """From one connection to the next failure."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        open_reader: Callable[[], RecordReader],
        leases: Leases,
        pace: Pace,
        views: Sequence[View[Any]],
    ) -> None:
        self._connect = connect
        self._open_reader = open_reader
        self._leases = leases
        self._pace = pace
        self._views = views
        self._open = ExitStack()
        self._connection: Connection[Any] | None = None
        self._reader: RecordReader | None = None
        self._writer: BatchWriter | None = None
        self._shards: frozenset[int] = frozenset()
        self._renew_at = 0.0
        self._heard_at = 0.0
        self._ends: dict[int, int] = {}
        self.wrote = False

    def serve(self, stop: StopSignal) -> None:
        self._connection = connection = self._open.enter_context(self._connect())
        try:
            while not stop.is_set():
                if time.monotonic() >= self._renew_at:
                    self._renew(connection)
                stop.wait(self._round())
        finally:
            self._leases.release(connection)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._open.close()

    def _renew(self, connection: Connection[Any]) -> None:
        self._renew_at = time.monotonic() + self._leases.renew_every_s
        shards = self._leases.renew(connection)
        if shards != self._shards:
            log.info("projector_serves", shards=sorted(shards))
            self._shards = shards
            self._writer = BatchWriter(connection, self._views, shards) if shards else None
            self._read_anew()
        elif self._writer is not None:
            self._writer.notice_repairs()

    def _read_anew(self) -> None:
        """A fresh consumer from the offsets that Postgres has."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if self._writer is not None:
            self._reader = self._open_reader()
            self._reader.start_at(self._writer.offsets)
        self._heard_at = time.monotonic()
        self._ends = {}

    def _round(self) -> float:
        """One poll and what it brought. Returns seconds to wait before the next."""
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            return STANDBY_POLL_S
        began = time.monotonic()
        records = reader.poll(POLL_MS)
        if not records:
            self._watch(reader, writer)
            return 0.0
        writer.write(records)
        self.wrote = True
        self._heard_at = time.monotonic()
        self._gauge(reader)
        if len(records) < BUSY_RECORDS:
            return 0.0
        return max(0.0, self._pace.linger_s - (time.monotonic() - began))

    def _watch(self, reader: RecordReader, writer: BatchWriter) -> None:
        """A consumer that stays silent about records that Kafka had a while ago is replaced: clients have hung so."""
        if time.monotonic() - self._heard_at < self._pace.stall_s:
            return
        behind = {shard: end for shard, end in self._ends.items() if end > writer.offsets[shard]}
        self._heard_at = time.monotonic()
        self._ends = reader.ends()
        if behind:
            log.error("consumer_stalled", ends=behind)
            metrics.projector_rebuilt_total.inc()
            self._read_anew()

    def _gauge(self, reader: RecordReader) -> None:
        for shard, records in reader.lag().items():
            metrics.projector_lag_records.labels(shard).set(records)
