"""A gateway on Kafka: it puts commands on the topic once, and waits for the outcome of each.

A command that Kafka has acknowledged is not sent again: its outcome has to come without that, whatever dies. Only what
nobody acknowledged is sent once more, the very same bytes.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from chaos.client import Stopped
from chaos.ledger import COMMANDS_TOPIC
from chaos.record import Item, Record
from usage_ledger_schemas import frames

OUTCOMES_TOPIC = "usage-ledger.outcomes"
_ACKNOWLEDGED_S = 5.0
_POLL_MS = 200
_PAUSE_S = 0.3
# By default a client that met a closed port waits for up to half a minute before it looks again.
_IMPATIENT = {"bootstrap_timeout_ms": 3_000, "reconnect_backoff_max_ms": 500}

Heard = dict[str, Mapping[str, Any]]


class KafkaGateway:
    """For one thread. Its connections are made anew after every failure; it remembers how far it has listened."""

    def __init__(
        self, options: Mapping[str, Any], record: Record, chance: random.Random, stop: threading.Event
    ) -> None:
        self._options = options
        self._record = record
        self._chance = chance
        self._stop = stop
        self._producer: Any = None
        self._consumer: Any = None
        self._heard_until: dict[int, int] = {}
        self._listen()

    def close(self) -> None:
        producer, self._producer = self._producer, None
        consumer, self._consumer = self._consumer, None
        with suppress(KafkaError):
            if producer is not None:
                producer.close(timeout=0)
        with suppress(KafkaError):
            if consumer is not None:
                consumer.close(autocommit=False)

    def send_usage(self, batches: Sequence[Sequence[Item]]) -> None:
        """A command for each batch; returns when every item of them has a definite answer. Raises Stopped."""
        waiting = {f"kafka-{self._chance.getrandbits(96):024x}": batch for batch in batches}
        frames_ = {command_id: _frame(command_id, batch) for command_id, batch in waiting.items()}
        for command_id, frame in frames_.items():
            self._insist(command_id, frame)
        while waiting:
            for command_id, outcome in self._hear().items():
                if command_id in waiting and self._take_in(command_id, waiting[command_id], outcome):
                    del waiting[command_id]
                elif command_id in waiting:
                    self._insist(command_id, frames_[command_id])
            if self._stop.is_set():
                raise Stopped

    def _take_in(self, command_id: str, batch: Sequence[Item], outcome: Mapping[str, Any]) -> bool:
        """Whether the outcome is definite. `failed` is not: the same bytes may be sent again."""
        self._record.count("outcomes")
        if outcome["outcome"] == "failed" or len(outcome["items"]) != len(batch):
            self._record.surprise(f"{command_id} came to {dict(outcome)}")
            return outcome["outcome"] != "failed"
        answered = zip(batch, outcome["items"], strict=True)
        definite = [self._record.answered(item, answer, command_id) for item, answer in answered]
        return all(definite)

    def _insist(self, command_id: str, frame: bytes) -> None:
        """Until Kafka has it. Raises Stopped."""
        while True:
            try:
                self._connect()
                self._producer.send(COMMANDS_TOPIC, frame, command_id.encode()).get(_ACKNOWLEDGED_S)
            except KafkaError:
                self._record.count("unacknowledged_commands")
                self._start_over()
            else:
                self._record.count("acknowledged_commands")
                return

    def _hear(self) -> Heard:
        """Outcomes that were not heard before, by command id. Raises Stopped."""
        heard: Heard = {}
        try:
            self._connect()
            for partition, records in self._consumer.poll(timeout_ms=_POLL_MS).items():
                for record in records:
                    outcome = frames.read_outcome(record.value)
                    heard[outcome["command_id"]] = outcome
                self._heard_until[partition.partition] = records[-1].offset + 1
        except KafkaError:
            self._start_over()
        return heard

    def _listen(self) -> None:
        """From the ends of the partitions: what was said before is for others."""
        self._connect()
        partitions = self._consumer.assignment()
        self._heard_until = {place.partition: end for place, end in self._consumer.end_offsets(partitions).items()}
        self.close()

    def _connect(self) -> None:
        """Raises KafkaError."""
        if self._producer is None:
            self._producer = KafkaProducer(
                **self._options,
                **_IMPATIENT,
                acks="all",
                request_timeout_ms=3_000,
                delivery_timeout_ms=4_000,
                max_block_ms=3_000,
            )
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                **self._options, **_IMPATIENT, enable_auto_commit=False, auto_offset_reset="earliest"
            )
            numbers = self._consumer.partitions_for_topic(OUTCOMES_TOPIC) or ()
            self._consumer.assign([TopicPartition(OUTCOMES_TOPIC, number) for number in numbers])
            for number, offset in self._heard_until.items():
                self._consumer.seek(TopicPartition(OUTCOMES_TOPIC, number), offset)

    def _start_over(self) -> None:
        self.close()
        if self._stop.wait(_PAUSE_S):
            raise Stopped


def _frame(command_id: str, items: Sequence[Item]) -> bytes:
    usage = {"items": [_on_the_wire(item) for item in items], "atomic": False}
    now = time.time_ns() // 1_000
    return frames.command_frame("RecordUsage", usage, command_id=command_id, tenant=items[0].tenant, sent_at=now)


def _on_the_wire(item: Item) -> dict[str, Any]:
    return {
        "id": item.attempt_id,
        "tenant": item.tenant,
        "workspace_id": item.workspace_id,
        "occurred_at": round(datetime.fromisoformat(item.occurred_at).timestamp() * 1_000_000),
        "model": item.model,
        "usage": {"input_tokens": item.input_tokens, "output_tokens": item.output_tokens},
    }
