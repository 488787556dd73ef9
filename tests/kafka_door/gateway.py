"""A gateway on Kafka: it sends commands, and keeps every outcome that it reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from usage_ledger_schemas import frames
from waiting import eventually


class Gateway:
    """One producer and one reader of the outcomes topic, from its beginning."""

    def __init__(self, servers: str, outcomes_topic: str) -> None:
        self._producer = KafkaProducer(
            bootstrap_servers=servers, acks="all", linger_ms=0, max_request_size=64 * 1024 * 1024
        )
        self._consumer = KafkaConsumer(
            bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="earliest", metadata_max_age_ms=500
        )
        self._topic = outcomes_topic
        self._heard: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    def close(self) -> None:
        self._producer.close(timeout=5)
        self._consumer.close()

    def put(self, topic: str, value: bytes | None, *, key: str = "tenant", partition: int | None = None) -> Any:
        """Any bytes at all, acknowledged."""
        return self._producer.send(topic, value, key.encode(), partition=partition).get(timeout=30)

    def put_all(self, topic: str, values: Sequence[bytes], *, key: str) -> None:
        """All at once, in order, so that they are read in one go."""
        for delivery in [self._producer.send(topic, value, key.encode()) for value in values]:
            delivery.get(timeout=30)

    def send(self, topic: str, tenant: str, command_type: str, command: Any, command_id: str | None = None) -> str:
        """A command; answers its id."""
        command_id = command_id or f"c-{uuid4().hex[:12]}"
        frame = frames.command_frame(
            command_type, command, command_id=command_id, tenant=tenant, sent_at=micros(datetime.now(UTC))
        )
        self.put(topic, frame, key=tenant)
        return command_id

    def outcome(self, tenant: str, command_id: str) -> dict[str, Any]:
        """The first outcome of the command."""
        return self.outcomes(tenant, command_id, 1)[0]

    def outcomes(self, tenant: str, command_id: str, count: int) -> list[dict[str, Any]]:
        """At least so many outcomes of the command, in the order in which they were published."""
        heard = self._heard[tenant, command_id]
        eventually(lambda: len(heard) >= count or self._read())
        return heard

    def ask(self, topic: str, tenant: str, command_type: str, command: Any, command_id: str | None = None) -> Any:
        """Sends a command and waits for its outcome."""
        return self.outcome(tenant, self.send(topic, tenant, command_type, command, command_id))

    def _read(self) -> None:
        if not self._consumer.assignment():
            partitions = self._consumer.partitions_for_topic(self._topic) or ()
            self._consumer.assign([TopicPartition(self._topic, number) for number in partitions])
            if not partitions:
                return
        for records in self._consumer.poll(timeout_ms=100).values():
            for record in records:
                outcome = frames.read_outcome(record.value)
                assert record.key == outcome["command_id"].encode()
                self._heard[outcome["tenant"], outcome["command_id"]].append(outcome)


def micros(instant: datetime) -> int:
    return round(instant.timestamp() * 1_000_000)
