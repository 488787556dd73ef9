"""A gateway on Kafka: one producer of commands and one reader of outcomes, for all clients of a load."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from usage_ledger.benchmarks.doors import Ack
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.usage_frames import UsageFrames
from usage_ledger_schemas import frames

# The line status of an accepted item, a text of 7 characters: every model of a load has a price.
_CHARGED: Final = b"\x0echarged"
_POLL_MS: Final = 100
_PATIENCE_S: Final = 60.0


class KafkaPlace(msgspec.Struct, frozen=True):
    """Where the ledger's Kafka is, and what its client needs to be let in."""

    options: dict[str, str]
    commands_topic: str
    outcomes_topic: str


class KafkaGateway:
    """Knows which commands are under way. Lives on one event loop; the reader is a thread."""

    def __init__(self, place: KafkaPlace, loop: asyncio.AbstractEventLoop) -> None:
        self._place = place
        self._loop = loop
        self._waiting: dict[bytes, asyncio.Future[bytes]] = {}
        self._stop = threading.Event()
        options: Mapping[str, Any] = {**place.options, "metrics_enabled": False}
        self._producer = cast("Any", KafkaProducer(**options, acks="all", linger_ms=0, compression_type="lz4"))
        self._consumer = cast("Any", KafkaConsumer(**options, enable_auto_commit=False, fetch_max_wait_ms=_POLL_MS))
        self._begin_at_the_end()
        self._reader = threading.Thread(target=self._read, name="outcomes")
        self._reader.start()

    async def ask(self, command_id: str, key: str, frame: bytes) -> bytes:
        """The outcome of a command, as it stands on the topic. Raises BenchmarkFailed if none comes."""
        outcome = self._waiting[command_id.encode()] = self._loop.create_future()
        self._producer.send(self._place.commands_topic, frame, key.encode())
        try:
            return await asyncio.wait_for(outcome, _PATIENCE_S)
        except TimeoutError:
            raise BenchmarkFailed(f"no outcome of a command within {_PATIENCE_S:.0f} s") from None

    def close(self) -> None:
        self._stop.set()
        self._reader.join()
        self._producer.close(timeout=5)
        self._consumer.close()

    def _begin_at_the_end(self) -> None:
        """Outcomes of earlier loads are not read again."""
        partitions: set[int] = self._consumer.partitions_for_topic(self._place.outcomes_topic)
        assigned = [TopicPartition(self._place.outcomes_topic, number) for number in partitions]
        self._consumer.assign(assigned)
        self._consumer.seek_to_end(*assigned)
        for partition in assigned:
            self._consumer.position(partition)

    def _read(self) -> None:
        while not self._stop.is_set():
            polled: dict[Any, list[Any]] = self._consumer.poll(timeout_ms=_POLL_MS)
            heard = [(record.key, record.value) for records in polled.values() for record in records]
            if heard:
                self._loop.call_soon_threadsafe(self._settle, heard)

    def _settle(self, heard: list[tuple[bytes, bytes]]) -> None:
        """Outcomes come at least once; nobody waits for the second."""
        for key, value in heard:
            waiting = self._waiting.pop(key, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(value)


class KafkaDoor:
    """One client's commands, one under way at a time. The acknowledgement is the outcome, read."""

    def __init__(self, gateway: KafkaGateway, made: UsageFrames, name: str) -> None:
        """``name`` is the key of its records, which keeps them in order, and begins their ids."""
        self._gateway = gateway
        self._made = made
        self._name = name

    async def send(self, first: int, *, wants_places: bool) -> Ack:
        command_id = f"{self._name}-{first}"
        outcome = await self._gateway.ask(command_id, self._name, self._made.frame(first, command_id))
        accepted = outcome.count(_CHARGED)
        if not accepted:
            raise BenchmarkFailed(f"Kafka door: {frames.read_outcome(outcome)}"[:1_000])
        return Ack(accepted, frames.read_outcome(outcome)["positions"] if wants_places else [])

    def close(self) -> None:
        """The gateway stays open for the others."""
