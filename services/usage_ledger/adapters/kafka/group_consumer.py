"""Reads topics as a member of a consumer group. Offsets are committed by hand, once the work of a record is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, cast

import structlog
from kafka import KafkaConsumer
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import CommitFailedError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata, TopicPartition

BOOTSTRAP_TIMEOUT_MS: Final = 2_000
REQUEST_TIMEOUT_MS: Final = 10_000
SESSION_TIMEOUT_MS: Final = 6_000
"""A member that was killed is missed after this; then the others take its partitions over."""

HEARTBEAT_MS: Final = 1_500
MAX_POLL_INTERVAL_MS: Final = 60_000
"""A member that lives but does not come back to poll is put out after this."""

FETCH_MAX_BYTES: Final = 16 * 1024 * 1024
FETCH_PARTITION_MAX_BYTES: Final = 1024 * 1024
"""Little, so that no partition waits long while another one's backlog is worked off."""

RECEIVE_MAX_BYTES: Final = 128 * 1024 * 1024
"""More than a broker takes from a producer (100 MiB), so that no record can be too large to be read."""

MAX_POLL_RECORDS: Final = 500

log = structlog.get_logger()


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class GroupConsumer:
    """Constructing it reaches out to the brokers. Every method raises KafkaError. Not thread-safe."""

    def __init__(self, options: Mapping[str, Any], group: str, topics: Iterable[str]) -> None:
        configuration: dict[str, Any] = {
            **options,
            "group_id": group,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
            "session_timeout_ms": SESSION_TIMEOUT_MS,
            "heartbeat_interval_ms": HEARTBEAT_MS,
            "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
            "max_poll_records": MAX_POLL_RECORDS,
            "fetch_max_bytes": FETCH_MAX_BYTES,
            "max_partition_fetch_bytes": FETCH_PARTITION_MAX_BYTES,
            "receive_message_max_bytes": RECEIVE_MAX_BYTES,
            "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "reconnect_backoff_max_ms": 1_000,
            "metrics_enabled": False,
        }
        # The library has no type hints; what it returns is named in the methods below.
        self._consumer = cast("Any", KafkaConsumer(**configuration))
        self._topics = list(topics)
        self._consumer.subscribe(topics=self._topics)
        # The library joins at once, and again when it learns which partitions there are; should a poll end during that
        # second time, it forgets what it was given (3.0.12). So it learns of the partitions before it joins.
        self._partitions()

    def poll(self, timeout_ms: int) -> list[Any]:
        """Records in offset order per partition; waits for the first one at most ``timeout_ms``."""
        polled: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms)
        return [record for records in polled.values() for record in records]

    def stay(self, timeout_ms: int) -> None:
        """Remain a member of the group without taking records: those that come anyway will come again."""
        self._consumer.pause(*self._consumer.assignment())
        polled: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms)
        # Partitions that a rebalance brought while polling were not paused.
        for partition, records in polled.items():
            self._consumer.seek(partition, records[0].offset)
        self._consumer.resume(*self._consumer.paused())

    def commit(self, next_offsets: Mapping[Place, int]) -> None:
        """Everything before these offsets is done. Partitions that are another member's by now are left out."""
        held = self._consumer.assignment()
        offsets = {
            TopicPartition(*place): OffsetAndMetadata(offset, "", -1)
            for place, offset in next_offsets.items()
            if TopicPartition(*place) in held
        }
        try:
            self._consumer.commit(offsets, timeout_ms=REQUEST_TIMEOUT_MS)
        except (CommitFailedError, RebalanceInProgressError) as error:
            # The group is being shared out anew. Whoever has the partition next meets these records again.
            log.info("commit_left_to_rebalance", error=type(error).__name__)

    def lag(self) -> dict[Place, int]:
        """Records not polled yet, by partition, as of the last fetch."""
        lag: dict[Place, int] = {}
        for partition in self._consumer.assignment():
            end = self._consumer.highwater(partition)
            if end is not None:
                lag[Place(*partition)] = max(0, int(end) - self._position(partition))
        return lag

    def behind(self) -> dict[Place, int]:
        """The next offset of each partition of ours that has more records than were polled, asked of Kafka."""
        held = self._consumer.assignment()
        return self._with_more({partition: self._position(partition) for partition in held})

    def others_behind(self) -> dict[Place, int]:
        """The next offset, as committed, of each partition that is not ours and has more records, asked of Kafka."""
        others = set(self._partitions()) - self._consumer.assignment()
        committed = {each: self._consumer.committed(each, timeout_ms=REQUEST_TIMEOUT_MS) for each in others}
        return self._with_more({partition: int(offset or 0) for partition, offset in committed.items()})

    def _with_more(self, next_offsets: Mapping[Any, int]) -> dict[Place, int]:
        if not next_offsets:
            return {}
        ends: dict[Any, int] = self._consumer.end_offsets(list(next_offsets))
        # What is before the beginning is gone, and nobody can read it.
        beginnings: dict[Any, int] = self._consumer.beginning_offsets(list(next_offsets))
        return {
            Place(*partition): offset
            for partition, offset in next_offsets.items()
            if ends[partition] > max(offset, beginnings[partition])
        }

    def _partitions(self) -> list[Any]:
        return [TopicPartition(topic, each) for topic in self._topics for each in self._partitions_of(topic)]

    def _partitions_of(self, topic: str) -> set[int]:
        return self._consumer.partitions_for_topic(topic)

    def _position(self, partition: Any) -> int:
        """The offset of the next record; 0 while that is not known, which is behind every record there is."""
        return int(self._consumer.position(partition, timeout_ms=REQUEST_TIMEOUT_MS) or 0)

    def close(self) -> None:
        """Leaves the group, so that the others need not wait for the session to run out."""
        self._consumer.close(autocommit=False, timeout_ms=REQUEST_TIMEOUT_MS)
