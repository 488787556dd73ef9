"""Reads the events topic from offsets that Postgres keeps. Kafka is asked to remember nothing for us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast

import structlog
from kafka import KafkaConsumer
from kafka.errors import OffsetOutOfRangeError
from kafka.structs import TopicPartition

from usage_ledger_schemas import metrics
from usage_ledger_views.projecting.record import Record

FETCH_MAX_BYTES = 16 * 1024 * 1024
BOOTSTRAP_TIMEOUT_MS = 5_000
REQUEST_TIMEOUT_MS = 10_000

log = structlog.get_logger()


class RecordReader(Protocol):
    """Where records come from."""

    def start_at(self, offsets: Mapping[int, int]) -> None:
        """Read these partitions, each from its offset, and no others."""
        ...

    def poll(self, timeout_ms: int) -> list[Record]:
        """Records that are there, in offset order per partition; waits for the first one at most ``timeout_ms``."""
        ...

    def ends(self) -> dict[int, int]:
        """The offset after the last record, by partition, asked of Kafka."""
        ...

    def lag(self) -> dict[int, int]:
        """Records not read yet, by partition, as of the last fetch."""
        ...

    def close(self) -> None: ...


class KafkaRecordReader:
    """A consumer without a group: partitions are assigned by hand, nothing is committed. Raises KafkaError."""

    def __init__(self, options: Mapping[str, Any], topic: str, max_records: int) -> None:
        self._topic = topic
        configuration: dict[str, Any] = {
            **options,
            "enable_auto_commit": False,
            "auto_offset_reset": "none",
            "allow_auto_create_topics": False,
            "max_poll_records": max_records,
            "fetch_max_bytes": FETCH_MAX_BYTES,
            "max_partition_fetch_bytes": FETCH_MAX_BYTES // 4,
            "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "reconnect_backoff_max_ms": 1_000,
            "metrics_enabled": False,
        }
        # The library has no type hints; what it returns is named in the methods below.
        self._consumer = cast("Any", KafkaConsumer(**configuration))

    def start_at(self, offsets: Mapping[int, int]) -> None:
        self._consumer.assign([self._partition(shard) for shard in offsets])
        for shard, offset in offsets.items():
            self._consumer.seek(self._partition(shard), offset)

    def poll(self, timeout_ms: int) -> list[Record]:
        try:
            polled: dict[Any, list[Record]] = self._consumer.poll(timeout_ms=timeout_ms)
        except OffsetOutOfRangeError as error:
            self._begin_again(error)
            return []
        return [record for records in polled.values() for record in records]

    def ends(self) -> dict[int, int]:
        ends = self._consumer.end_offsets(sorted(self._consumer.assignment()))
        return {partition.partition: int(end) for partition, end in ends.items()}

    def lag(self) -> dict[int, int]:
        lag: dict[int, int] = {}
        for partition in self._consumer.assignment():
            end = self._consumer.highwater(partition)
            if end is not None:
                lag[partition.partition] = max(0, int(end) - int(self._consumer.position(partition)))
        return lag

    def close(self) -> None:
        self._consumer.close(autocommit=False)

    def _begin_again(self, error: OffsetOutOfRangeError) -> None:
        """The topic was cut or made anew. Reading all that there is cannot double anything: versions tell repeats."""
        missing: dict[Any, int] = error.args[0]
        for partition, offset in missing.items():
            log.error("offset_not_on_partition", shard=partition.partition, offset=offset)
            metrics.projector_offset_resets_total.labels(partition.partition).inc()
            beginning = self._consumer.beginning_offsets([partition])[partition]
            self._consumer.seek(partition, beginning)

    def _partition(self, shard: int) -> Any:
        return TopicPartition(self._topic, shard)
