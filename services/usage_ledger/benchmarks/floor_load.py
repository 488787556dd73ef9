"""The floor: the ledger's own bytes for the load, copied into bare tables by one connection, a durable commit a batch.

Nothing is decided, encoded or looked up while the time counts, and there is no index; what is left is what any ledger
of these bytes would have to pay Postgres.
"""

from __future__ import annotations

import time
from importlib.resources import files
from itertools import cycle
from typing import Any, Final, LiteralString, NamedTuple, cast

import msgspec
import psycopg
from psycopg import Connection

from usage_ledger.benchmarks.load_process import CpuOfThisProcess, Load, LoadResult, obey
from usage_ledger.benchmarks.real_bytes import AttemptRow, CommitRows, EventRow, rows_of_commits
from usage_ledger.benchmarks.shapes import SHAPES

_COMMITS: Final = 8
"""Different commits, written in turn."""

_EVENTS: Final = "COPY floor.events FROM STDIN (FORMAT BINARY)"
_ATTEMPTS: Final = "COPY floor.attempts FROM STDIN (FORMAT BINARY)"
_EVENT_TYPES: Final = ("int4", "int8", "text", "int8", "int8", "bytea", "bytea", "bytea", "bytea")
_ATTEMPT_TYPES: Final = ("bytea", "bytea", "int4", "int8")


class FloorJob(msgspec.Struct, frozen=True):
    """``batch`` is the items of a request, which decides how large events are."""

    dsn: str
    shape: str
    batch: int
    seconds: float


class _Copied(NamedTuple):
    """A commit as the bytes of two COPY commands."""

    items: int
    events: bytes
    attempts: bytes


def create(dsn: str) -> None:
    """Empty tables; those that exist are gone. Raises psycopg.Error."""
    with psycopg.connect(dsn) as connection:
        # The script is ours; psycopg wants to be told.
        connection.execute(cast("LiteralString", files("usage_ledger.benchmarks").joinpath("floor.sql").read_text()))


def prepare(job: FloorJob) -> Load:
    """Makes the bytes, so that the time counts nothing but writing them."""
    connection = psycopg.connect(job.dsn)
    commits = rows_of_commits(SHAPES[job.shape].calls(), job.batch, _COMMITS)
    copied = [_copied(connection, commit) for commit in commits]
    return lambda: _run(connection, copied, job.seconds)


def _run(connection: Connection[Any], commits: list[_Copied], seconds: float) -> LoadResult:
    cpu, began_ns = CpuOfThisProcess(), time.monotonic_ns()
    written, ack_ms = 0, list[float]()
    until_ns = began_ns + int(seconds * 1e9)
    for commit in cycle(commits):
        commit_ns = time.monotonic_ns()
        if commit_ns >= until_ns:
            break
        _write(connection, commit)
        written += commit.items
        ack_ms.append((time.monotonic_ns() - commit_ns) / 1e6)
    connection.close()
    return LoadResult(written, written, began_ns, time.monotonic_ns(), cpu.spent_s(), ack_ms)


def _write(connection: Connection[Any], commit: _Copied) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_EVENTS) as copy:
            copy.write(commit.events)
        with cursor.copy(_ATTEMPTS) as copy:
            copy.write(commit.attempts)


def _copied(connection: Connection[Any], commit: CommitRows) -> _Copied:
    """Postgres itself puts the rows into its binary form: written once, read back, and not kept."""
    with connection.transaction(force_rollback=True):
        events = _round_trip(connection, "floor.events", _EVENT_TYPES, commit.events)
        attempts = _round_trip(connection, "floor.attempts", _ATTEMPT_TYPES, commit.attempts)
    return _Copied(commit.items, events, attempts)


def _round_trip(
    connection: Connection[Any],
    table: LiteralString,
    types: tuple[str, ...],
    rows: list[EventRow] | list[AttemptRow],
) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        with cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
            return b"".join(bytes(chunk) for chunk in copy)


if __name__ == "__main__":
    obey(FloorJob, prepare)
