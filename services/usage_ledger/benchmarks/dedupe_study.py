"""What a row of the table of attempts costs Postgres when the table is large, before and after a checkpoint.

After a checkpoint the first change of a page writes the whole page to the log, and random keys meet another page each
time: that is the price of a large index that no average over a quiet minute shows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection

from usage_ledger.benchmarks.dedupe_layouts import LAYOUTS
from usage_ledger.benchmarks.places import PostgresPlace
from usage_ledger.benchmarks.processes import CpuMeter
from usage_ledger.benchmarks.shapes import SEED
from usage_ledger.embedded.servers import Report

BATCH_ROWS: Final = 2_000
WINDOW_ROWS: Final = 100_000
FILL_ROWS: Final = 250_000
_WINDOWS: Final = 5
"""One before the checkpoint, four after it; the first and the last of those are told."""

# Checkpoints come when the study says so, and nothing else writes while it measures.
STUDY_SETTINGS: Final = {"max_wal_size": "64GB", "checkpoint_timeout": "1h", "autovacuum": "off"}

# Where the log stands, in bytes, written out or not.
_WAL: Final = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"

# Bytes of the table with its parts and their indexes. A partitioned table has none itself, a plain one no parts.
_SIZE: Final = """
SELECT pg_total_relation_size('study.attempts')
       + (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint
            FROM pg_inherits WHERE inhparent = 'study.attempts'::regclass)
"""


class Window(NamedTuple):
    """What a row cost on average while some rows were looked up, inserted and committed."""

    row_us: float
    postgres_us: float
    wal_bytes: int


def study(
    place: PostgresPlace, names: Sequence[str], rows: int, report: Report, window_rows: int = WINDOW_ROWS
) -> list[dict[str, object]]:
    """A row of figures for each layout: microseconds and log bytes a row, before and after a checkpoint."""
    return [_study_one(place, name, rows, window_rows, report) for name in names]


def _study_one(place: PostgresPlace, name: str, rows: int, window_rows: int, report: Report) -> dict[str, object]:
    table = _Attempts(place, name, window_rows)
    table.create(rows + _WINDOWS * window_rows)
    fill_us = table.fill(rows, report)
    before = table.window()
    table.checkpoint()
    after = table.window()
    for _ in range(_WINDOWS - 3):
        table.window()
    later = table.window()
    size = table.bytes_a_row()
    table.drop()
    return {
        "layout": name,
        "fill_us": fill_us,
        "row_us": before.row_us,
        "postgres_us": before.postgres_us,
        "wal_bytes": before.wal_bytes,
        "row_us_after_checkpoint": after.row_us,
        "postgres_us_after_checkpoint": after.postgres_us,
        "wal_bytes_after_checkpoint": after.wal_bytes,
        "wal_bytes_later": later.wal_bytes,
        "bytes_a_row": size,
    }


class _Attempts:
    """One table in one layout."""

    def __init__(self, place: PostgresPlace, name: str, window_rows: int) -> None:
        self._name = name
        self._layout = LAYOUTS[name]
        self._window_rows = window_rows
        self._pid = place.pid
        self._chance = random.Random(SEED)  # noqa: S311 - keys must be repeatable, not secret
        self._rows = 0
        self._connection: Connection[Any] = psycopg.connect(place.dsn, autocommit=True)

    def create(self, capacity: int) -> None:
        self._connection.execute("CREATE SCHEMA study")
        for statement in self._layout.tables(capacity):
            self._connection.execute(statement)

    def fill(self, rows: int, report: Report) -> float:
        """Adds rows in random order of keys, so that the index grows as it does in life. Microseconds a row."""
        began = time.monotonic()
        statement = self._layout.fill()
        with self._connection.transaction():
            # What is filled in need not survive; what is measured must.
            self._connection.execute("SET LOCAL synchronous_commit = off")
            for begin in range(0, rows, FILL_ROWS):
                report(f"{self._name}: {begin:,} of {rows:,} rows")
                self._connection.execute(statement, (begin, min(begin + FILL_ROWS, rows) - 1))
        self._rows = rows
        return round((time.monotonic() - began) * 1e6 / rows, 1)

    def window(self) -> Window:
        """Adds some rows as the appender does: look up, insert, commit, a batch at a time."""
        meter, wal, began = CpuMeter({"postgres": self._pid}), self._wal(), time.monotonic()
        for _ in range(self._window_rows // BATCH_ROWS):
            self._add_batch()
        row_us = (time.monotonic() - began) * 1e6 / self._window_rows
        cpu_us = meter.spent_s()["postgres"] * 1e6 / self._window_rows
        return Window(round(row_us, 1), round(cpu_us, 1), round((self._wal() - wal) / self._window_rows))

    def checkpoint(self) -> None:
        self._connection.execute("CHECKPOINT")

    def bytes_a_row(self) -> int:
        (size,) = self._connection.execute(_SIZE).fetchall()[0]
        return round(size / self._rows)

    def drop(self) -> None:
        self._connection.execute("DROP SCHEMA study CASCADE")
        self._connection.close()

    def _add_batch(self) -> None:
        keys = sorted(self._chance.randbytes(16) for _ in range(BATCH_ROWS))
        positions = list(range(self._rows, self._rows + BATCH_ROWS))
        shards = [position % 4 for position in positions]
        with self._connection.transaction(), self._connection.cursor(binary=True) as cursor:
            known = cursor.execute(self._layout.look_up(), (self._digests(keys),), prepare=True).fetchall()
            values = (self._digests(keys), self._digests(keys), shards, positions)
            cursor.execute(self._layout.insert(), values, prepare=True)
        self._rows += BATCH_ROWS - len(known)

    def _digests(self, keys: list[bytes]) -> list[Any]:
        return [UUID(bytes=key) for key in keys] if self._layout.digest == "uuid" else keys

    def _wal(self) -> int:
        return self._connection.execute(_WAL).fetchall()[0][0]
