"""Reads the last record of a partition, so that the relay can compare the topic with the store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any, cast

from kafka import KafkaConsumer
from kafka.errors import KafkaTimeoutError
from kafka.structs import TopicPartition

from usage_ledger.publishing.takeover import PublishedEvent, TopicEnd

READ_TIMEOUT_S = 10.0
BOOTSTRAP_TIMEOUT_MS = 5_000


def read_topic_end(options: Mapping[str, Any], topic: str, partition: int) -> TopicEnd:
    """Raises KafkaError: KafkaTimeoutError where the topic or its last record cannot be read."""
    configuration: dict[str, Any] = {
        **options,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "metrics_enabled": False,
    }
    consumer = cast("Any", KafkaConsumer(**configuration))
    with closing(consumer):
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        if end == 0:
            return TopicEnd(ever_written=False, last=None)
        if consumer.beginning_offsets([place])[place] == end:
            return TopicEnd(ever_written=True, last=None)
        consumer.seek(place, end - 1)
        return TopicEnd(ever_written=True, last=_published(_read_one(consumer, place)))


def _read_one(consumer: Any, place: Any) -> Any:
    give_up_at = time.monotonic() + READ_TIMEOUT_S
    while time.monotonic() < give_up_at:
        for record in consumer.poll(timeout_ms=500, max_records=1).get(place, []):
            return record
    raise KafkaTimeoutError(f"the last record of {place} did not come within {READ_TIMEOUT_S} s")


def _published(record: Any) -> PublishedEvent:
    """A record without our headers is nobody's event: it matches no store, and the relay halts."""
    headers: dict[str, bytes] = dict(record.headers)
    return PublishedEvent(
        position=int.from_bytes(headers.get("position", b""), "big"),
        incarnation=headers.get("incarnation", b"").decode(errors="replace"),
        leaf=headers.get("leaf", b""),
    )
