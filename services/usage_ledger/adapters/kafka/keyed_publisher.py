"""Publishes records to a topic, each on its key's partition, and waits until Kafka has them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from kafka import KafkaProducer
from kafka.errors import KafkaError

from usage_ledger.adapters.kafka.abandoning import abandon
from usage_ledger.publishing.publisher import PublishFailed

BATCH_BYTES: Final = 1024 * 1024
MAX_REQUEST_BYTES: Final = 4 * BATCH_BYTES
BOOTSTRAP_TIMEOUT_MS: Final = 2_000
REQUEST_TIMEOUT_MS: Final = 10_000
DELIVERY_TIMEOUT_MS: Final = 20_000
NEVER_BEFORE_FLUSH_MS: Final = 10_000


class KeyedPublisher:
    """Constructing it reaches out to the brokers. Raises KafkaError."""

    def __init__(self, options: Mapping[str, Any], topic: str) -> None:
        self._topic = topic
        configuration: dict[str, Any] = {
            **options,
            "enable_idempotence": True,
            "acks": "all",
            "compression_type": "lz4",
            "batch_size": BATCH_BYTES,
            "max_request_size": MAX_REQUEST_BYTES,
            "linger_ms": NEVER_BEFORE_FLUSH_MS,
            "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
            "max_block_ms": REQUEST_TIMEOUT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "delivery_timeout_ms": DELIVERY_TIMEOUT_MS,
            "reconnect_backoff_max_ms": 1_000,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        self._producer = cast("Any", KafkaProducer(**configuration))

    def publish(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Keys and values, in order. Returns when all are acknowledged.

        Raises PublishFailed: then some may be on the topic, and all have to be published again.
        """
        send = self._producer.send
        try:
            futures = [send(self._topic, value, key) for key, value in records]
            self._producer.flush(DELIVERY_TIMEOUT_MS / 1_000)
        except KafkaError as error:
            raise PublishFailed(f"{type(error).__name__}: {error}") from error
        for future in futures:
            if not future.succeeded():
                raise PublishFailed(f"not acknowledged: {type(future.exception).__name__}")

    def close(self) -> None:
        """Leaves at once: whatever is on its way is published again."""
        abandon(self._producer)
