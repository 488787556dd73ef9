"""The events topic against the store: every position, in order, with the very bytes; some twice, none missing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from chaos.history import History, Published, short
from chaos.ledger import LedgerUnderTest
from chaos.violation import Violation

TOPIC = "usage-ledger.events"
_PATIENCE_S = 30.0


class Topic:
    """Remembers where it stopped reading."""

    def __init__(self, ledger: LedgerUnderTest) -> None:
        self._ledger = ledger
        self._next_offset: dict[int, int] = {}
        self._last: Counter[int] = Counter()
        self.repeated = 0

    def violations(self, history: History) -> list[Violation]:
        options = {**self._ledger.kafka_options, "auto_offset_reset": "earliest", "enable_auto_commit": False}
        with closing(KafkaConsumer(**options)) as consumer:
            return list(self._read(consumer, history))

    def _read(self, consumer: KafkaConsumer, history: History) -> Iterator[Violation]:
        partitions = [TopicPartition(TOPIC, shard) for shard in sorted(consumer.partitions_for_topic(TOPIC))]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, self._next_offset.get(partition.partition, 0))
        deadline = time.monotonic() + _PATIENCE_S
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            for partition, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    yield from self.take(partition.partition, record, history)
                self._next_offset[partition.partition] = records[-1].offset + 1
            if time.monotonic() > deadline:
                yield Violation("the topic can be read", f"{self._next_offset} of {ends}")
                return
        for shard, last in history.last.items():
            if self._last[shard] != last:
                yield Violation("the topic has every position", f"{shard} ends at {self._last[shard]} and not {last}")

    def take(self, shard: int, record: Any, history: History) -> Iterator[Violation]:
        headers: Mapping[str, bytes] = dict(record.headers)
        position = int.from_bytes(headers["position"], "big")
        place = f"{shard}-{position}, offset {record.offset}"
        last = self._last[shard]
        if position > last + 1:
            yield Violation("the topic has every position in order", f"{place} comes after {last}")
        if position <= last:
            self.repeated += 1
        self._last[shard] = max(last, position)
        version = int.from_bytes(headers["version"], "big")
        published = Published(record.key.decode(), version, headers["leaf"], short(record.value))
        stored = history.published.get(shard, [])
        if position > len(stored) or stored[position - 1] != published:
            yield Violation("the topic has the store's bytes", place)
