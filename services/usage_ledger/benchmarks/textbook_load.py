"""The load on the textbook ledger: connections that book as fast as they can.

They are threads of one process, as the ledger's own service is one process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec
import psycopg
from psycopg import Connection

from usage_ledger.benchmarks.load_process import CpuOfThisProcess, Load, LoadResult, obey
from usage_ledger.benchmarks.shapes import SHAPES, Call
from usage_ledger.benchmarks.textbook import TextbookItem, book_batch, book_one, book_pipelined, rate

_DIGEST_BYTES: Final = 16


class TextbookJob(msgspec.Struct, frozen=True):
    """``batch`` items a transaction; 1 is the plainest of the three ways."""

    dsn: str
    shape: str
    prefix: str
    batch: int
    is_pipelined: bool
    connections: int
    seconds: float


class _Client:
    """One connection and what it booked."""

    def __init__(self, job: TextbookJob, number: int, calls: list[Call]) -> None:
        # Prepared at the first use: the statements are few and run all the time.
        self._connection: Connection[Any] = psycopg.connect(job.dsn, autocommit=True, prepare_threshold=0)
        self._items = _items(calls, f"{job.prefix}-{number}", start=number * len(calls) // job.connections)
        self._batch = job.batch
        self._book_many = book_pipelined if job.is_pipelined else book_batch
        self.booked = 0
        self.ack_ms: list[float] = []

    def work(self, seconds: float) -> None:
        """Books until the time is over."""
        until = time.monotonic() + seconds
        with self._connection:
            while (began := time.monotonic()) < until:
                self.booked += self._book()
                self.ack_ms.append((time.monotonic() - began) * 1_000)

    def _book(self) -> int:
        if self._batch == 1:
            return book_one(self._connection, next(self._items))
        return self._book_many(self._connection, [next(self._items) for _ in range(self._batch)])


def prepare(job: TextbookJob) -> Load:
    """Connects, so that the time counts booking alone."""
    calls = SHAPES[job.shape].calls()
    clients = [_Client(job, number, calls) for number in range(job.connections)]
    return lambda: _run(clients, job)


def _run(clients: list[_Client], job: TextbookJob) -> LoadResult:
    cpu, began_ns = CpuOfThisProcess(), time.monotonic_ns()
    with ThreadPoolExecutor(len(clients)) as threads:
        works = [threads.submit(client.work, job.seconds) for client in clients]
    for work in works:
        work.result()
    booked = sum(client.booked for client in clients)
    ack_ms = [sample for client in clients for sample in client.ack_ms]
    return LoadResult(booked, booked, began_ns, time.monotonic_ns(), cpu.spent_s(), ack_ms)


def _items(calls: list[Call], prefix: str, start: int) -> Iterator[TextbookItem]:
    """The same sequence for every client, each from another place in it."""
    now, number = datetime.now(UTC), start
    while True:
        call = calls[number % len(calls)]
        key = f"{prefix}-{number}"
        yield TextbookItem(key, call, now, blake2b(key.encode(), digest_size=_DIGEST_BYTES).digest(), rate(call))
        number += 1


if __name__ == "__main__":
    obey(TextbookJob, prepare)
