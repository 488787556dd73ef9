"""Measures the whole way, from the first item sent to the last one readable in the views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec.structs import replace

from usage_ledger.benchmarks.books import Books, read_books, shard_ends
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.figures import Round
from usage_ledger.benchmarks.furnishing import furnish
from usage_ledger.benchmarks.kafka_gateway import KafkaPlace
from usage_ledger.benchmarks.ledger_load import LedgerJob
from usage_ledger.benchmarks.load_process import LoadProcess, LoadResult
from usage_ledger.benchmarks.places import COMMANDS_TOPIC
from usage_ledger.benchmarks.processes import CpuMeter, rss_mb
from usage_ledger.benchmarks.shapes import Shape
from usage_ledger.benchmarks.view_watch import ViewWatch
from usage_ledger.embedded.stack import Stack
from usage_ledger.settings import Settings

OURS: Final = ("serve", "relay", "projector")
"""The processes whose memory is reported. They, the two servers and the load are what CPU is counted for."""

Door = Literal["http", "kafka"]

_LOAD: Final = "usage_ledger.benchmarks.ledger_load"
_CATCH_UP_S: Final = 120.0


class Pipeline:
    """A furnished stack, measured in rounds. Every round adds to the same ledger."""

    def __init__(
        self, stack: Stack, shape: Shape, door: Door, *, batch: int, connections: int, rate: float | None
    ) -> None:
        places = stack.connections
        self._stack = stack
        self._reader_dsn = places.postgres_reader_dsn
        key = furnish(places.url, places.environment(stack.folder.settings_file), shape).gateway
        self._job = LedgerJob(
            url=places.url,
            key=key,
            shape=shape.name,
            prefix="",
            batch=batch,
            connections=connections,
            seconds=0.0,
            rate=rate,
            kafka=_kafka_place(stack) if door == "kafka" else None,
        )
        self._rounds = 0
        self.sent = 0
        self.accepted = 0

    def measure(self, seconds: float) -> Round:
        """One round; it ends when everything it sent can be read. Raises BenchmarkFailed."""
        self._rounds += 1
        job = replace(self._job, prefix=f"r{self._rounds}", seconds=seconds)
        with LoadProcess(_LOAD, job) as load, ViewWatch(self._reader_dsn) as watch:
            load.wait_until_ready()
            meter = CpuMeter(self._pids())
            watched_s = watch.cpu_s
            result = load.run()
            readable_ns = self._wait_until_readable(watch)
            cpu_s = {**meter.spent_s(), "load": result.cpu_s + watch.cpu_s - watched_s}
        self._count(result)
        return Round(
            items=result.accepted,
            seconds=(readable_ns - result.began_ns) / 1e9,
            ack_ms=result.ack_ms,
            cpu_s=cpu_s,
            view_ms=watch.sightings.delays_ms(result.acked),
        )

    def books(self) -> Books:
        """What the views say of all rounds together."""
        return read_books(self._reader_dsn)

    def rss_mb(self) -> dict[str, float]:
        """Resident memory of our processes, in MB."""
        return {name: rss_mb(self._stack.supervision.pid_of(name)) for name in OURS}

    def _wait_until_readable(self, watch: ViewWatch) -> int:
        readable_ns = watch.wait_for(shard_ends(self._reader_dsn), _CATCH_UP_S)
        if readable_ns is None:
            raise BenchmarkFailed(f"the views did not catch up within {_CATCH_UP_S:.0f} s of the last acknowledgement")
        return readable_ns

    def _count(self, result: LoadResult) -> None:
        self.sent += result.sent
        self.accepted += result.accepted

    def _pids(self) -> Mapping[str, int]:
        return {name: self._stack.supervision.pid_of(name) for name in (*OURS, "postgres", "kafka")}


def _kafka_place(stack: Stack) -> KafkaPlace:
    """By the names that topics have unless somebody says otherwise."""
    where = stack.connections
    options = {
        "bootstrap_servers": where.kafka_bootstrap_servers,
        "security_protocol": where.kafka_security_protocol,
        "sasl_mechanism": where.kafka_sasl_mechanism,
        "sasl_plain_username": where.kafka_username,
        "sasl_plain_password": where.kafka_password,
    }
    return KafkaPlace(options, COMMANDS_TOPIC, Settings.model_fields["outcomes_topic"].default)
