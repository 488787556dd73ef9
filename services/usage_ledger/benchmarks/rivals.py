"""What the pipeline is compared with, on the Postgres server that it uses too: each is measured in rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from usage_ledger.benchmarks import floor_load, textbook
from usage_ledger.benchmarks.comparison import Contestant
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.figures import Round
from usage_ledger.benchmarks.floor_load import FloorJob
from usage_ledger.benchmarks.load_process import LoadProcess, LoadResult
from usage_ledger.benchmarks.places import PostgresPlace
from usage_ledger.benchmarks.processes import CpuMeter
from usage_ledger.benchmarks.shapes import Shape
from usage_ledger.benchmarks.textbook_load import TextbookJob

TEXTBOOK_BATCH: Final = 50
FEW_ACCOUNTS: Final = 100
SINGLE_CONNECTIONS: Final = 8


class Textbook:
    """The textbook ledger in a database of its own. Every round adds to it."""

    def __init__(self, dsn: str, postgres_pid: int, shape: Shape) -> None:
        textbook.create(dsn, shape.accounts)
        self._dsn = dsn
        self._postgres_pid = postgres_pid
        self._shape = shape
        self._rounds = 0
        self._booked = 0

    def measure_singles(self, seconds: float) -> Round:
        """A transaction an item, over eight connections."""
        return self._measure(1, SINGLE_CONNECTIONS, seconds)

    def measure_batches(self, seconds: float) -> Round:
        """Transactions of 50 items, one statement after the other."""
        return self._measure(TEXTBOOK_BATCH, _connections(self._shape), seconds)

    def measure_pipelined(self, seconds: float) -> Round:
        """Transactions of 50 items whose statements do not wait for each other."""
        return self._measure(TEXTBOOK_BATCH, _connections(self._shape), seconds, is_pipelined=True)

    def require_balance(self) -> None:
        """Raises BenchmarkFailed unless it holds what was booked, and balances: a rival that cheats is none."""
        totals = textbook.totals(self._dsn)
        if totals.items != self._booked or totals.difference or not totals.charged:
            raise BenchmarkFailed(f"the textbook ledger holds {totals}, {self._booked} items were booked")

    def _measure(self, batch: int, connections: int, seconds: float, *, is_pipelined: bool = False) -> Round:
        self._rounds += 1
        job = TextbookJob(
            dsn=self._dsn,
            shape=self._shape.name,
            prefix=f"t{self._rounds}",
            batch=batch,
            is_pipelined=is_pipelined,
            connections=connections,
            seconds=seconds,
        )
        result, measured = _run("usage_ledger.benchmarks.textbook_load", job, self._postgres_pid)
        self._booked += result.accepted
        return measured


class Floor:
    """Bare tables in a database of their own."""

    def __init__(self, dsn: str, postgres_pid: int, shape: Shape, batch: int) -> None:
        floor_load.create(dsn)
        self._job = FloorJob(dsn, shape.name, batch, 0.0)
        self._postgres_pid = postgres_pid

    def measure(self, seconds: float) -> Round:
        """One connection that copies and commits."""
        job = msgspec.structs.replace(self._job, seconds=seconds)
        return _run("usage_ledger.benchmarks.floor_load", job, self._postgres_pid)[1]


class Rivals:
    """Both of them, each in a database of its own."""

    def __init__(self, place: PostgresPlace, shape: Shape, batch: int) -> None:
        self._textbook = Textbook(place.new_database("textbook"), place.pid, shape)
        self._floor = Floor(place.new_database("floor"), place.pid, shape, batch)
        self._measures = {
            "textbook": self._textbook.measure_batches,
            "textbook_pipelined": self._textbook.measure_pipelined,
            "textbook_single": self._textbook.measure_singles,
            "floor": self._floor.measure,
        }

    def contestants(self, names: Sequence[str], seconds: float) -> dict[str, Contestant]:
        """Those of these names, in this order, so many seconds a round."""
        return {name: Contestant(self._measures[name], seconds) for name in names}

    def require_balance(self) -> None:
        """Raises BenchmarkFailed unless what the textbook ledger holds adds up."""
        self._textbook.require_balance()


def _connections(shape: Shape) -> int:
    """As many as were fastest when tried: where accounts are few, batches would only wait for each other's locks."""
    return 1 if shape.accounts <= FEW_ACCOUNTS else 4


def _run(module: str, job: msgspec.Struct, postgres_pid: int) -> tuple[LoadResult, Round]:
    with LoadProcess(module, job) as load:
        load.wait_until_ready()
        meter = CpuMeter({"postgres": postgres_pid})
        result = load.run()
        cpu_s = {**meter.spent_s(), "load": result.cpu_s}
    return result, Round(result.accepted, result.seconds, result.ack_ms, cpu_s)
