"""Reads the last record of partitions, so that the relay can compare the topic with the store."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import closing
from typing import Any, cast

from kafka import KafkaConsumer
from kafka.errors import KafkaTimeoutError
from kafka.structs import TopicPartition

from usage_ledger.publishing.takeover import PublishedEvent, TopicEnd

READ_TIMEOUT_S = 10.0
BOOTSTRAP_TIMEOUT_MS = 5_000


def read_topic_ends(options: Mapping[str, Any], topic: str, partitions: Collection[int]) -> dict[int, TopicEnd]:
    """The end of each partition. Raises KafkaError: KafkaTimeoutError where one cannot be read in time."""
    configuration: dict[str, Any] = {
        **options,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "metrics_enabled": False,
    }
    places: list[Any] = [TopicPartition(topic, partition) for partition in partitions]
    with closing(cast("Any", KafkaConsumer(**configuration))) as consumer:
        consumer.assign(places)
        ends: dict[Any, int] = consumer.end_offsets(places)
        beginnings: dict[Any, int] = consumer.beginning_offsets(places)
        lasts = _read_lasts(consumer, {place: end - 1 for place, end in ends.items() if end > beginnings[place]})
    return {
        place.partition: TopicEnd(ends[place] > 0, _published(lasts[place]) if place in lasts else None)
        for place in places
    }


def _read_lasts(consumer: Any, offsets: dict[Any, int]) -> dict[Any, Any]:
    """The record at each offset."""
    consumer.assign(list(offsets))
    for place, offset in offsets.items():
        consumer.seek(place, offset)
    lasts: dict[Any, Any] = {}
    give_up_at = time.monotonic() + READ_TIMEOUT_S
    while len(lasts) < len(offsets):
        if time.monotonic() > give_up_at:
            raise KafkaTimeoutError(f"last records did not come within {READ_TIMEOUT_S} s: {offsets}")
        lasts.update((place, records[-1]) for place, records in consumer.poll(timeout_ms=500).items())
    return lasts


def _published(record: Any) -> PublishedEvent:
    """A record without our headers is nobody's event: it matches no store, and the relay halts."""
    headers: dict[str, bytes] = dict(record.headers)
    return PublishedEvent(
        position=int.from_bytes(headers.get("position", b""), "big"),
        incarnation=headers.get("incarnation", b"").decode(errors="replace"),
        leaf=headers.get("leaf", b""),
    )
