"""The publisher on Kafka: one batch per partition and request, every acknowledgement awaited.

Order within a partition rests on never having two batches of it on the way: with several, the first may be given up
while the second arrives, which would be a hole. The library makes one batch of what is appended before a flush, as
long as it fits ``BATCH_BYTES``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from usage_ledger.adapters.kafka.abandoning import abandon
from usage_ledger.adapters.kafka.topic_end import read_topic_ends
from usage_ledger.publishing.publisher import OutgoingRecord, PublishFailed
from usage_ledger.publishing.takeover import TopicEnd

BATCH_BYTES = 2 * 1024 * 1024
BOOTSTRAP_TIMEOUT_MS = 5_000
REQUEST_TIMEOUT_MS = 10_000
DELIVERY_TIMEOUT_MS = 30_000
NEVER_BEFORE_FLUSH_MS = 10_000


class KafkaDelivery:
    """The futures of one batch."""

    def __init__(self, futures: list[Any]) -> None:
        self._futures = futures

    def done(self) -> bool:
        """Whether every record is acknowledged. Raises PublishFailed."""
        for future in self._futures:
            if not future.is_done:
                return False
            if future.failed():
                raise PublishFailed(f"{type(future.exception).__name__}: {future.exception}")
        return True


class KafkaPublisher:
    """Publishes to one topic. Constructing it reaches out to the brokers. Raises KafkaError."""

    def __init__(self, options: Mapping[str, Any], topic: str) -> None:
        self._options = options
        self._topic = topic
        configuration: dict[str, Any] = {
            **options,
            "enable_idempotence": True,
            "acks": "all",
            "compression_type": "lz4",
            "batch_size": BATCH_BYTES,
            "max_request_size": 4 * BATCH_BYTES,
            "linger_ms": NEVER_BEFORE_FLUSH_MS,
            "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
            "max_block_ms": BOOTSTRAP_TIMEOUT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "delivery_timeout_ms": DELIVERY_TIMEOUT_MS,
            "reconnect_backoff_max_ms": 1_000,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        self._producer = cast("Any", KafkaProducer(**configuration))

    def send(self, partition: int, records: Iterable[OutgoingRecord]) -> KafkaDelivery:
        send = self._producer.send
        topic = self._topic
        return KafkaDelivery([send(topic, value, key, headers, partition) for key, value, headers in records])

    def flush(self, timeout_s: float) -> None:
        try:
            self._producer.flush(timeout_s)
        except KafkaTimeoutError:
            return  # what is not acknowledged yet is still on its way; the relay looks again

    def ends_of(self, partitions: Collection[int]) -> dict[int, TopicEnd]:
        return read_topic_ends(self._options, self._topic, partitions)

    def close(self) -> None:
        """Leaves at once: whatever is on its way is sent again from the checkpoint."""
        abandon(self._producer)
