"""From one connection to Kafka to the next failure: poll, decide, publish the outcomes, commit the offsets.

The order is the guarantee. An offset is committed after the effects of its record are durable and its outcome is on
Kafka, so a record is never lost; a record that comes again meets its command ids, so its effect is never doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event as StopSignal
from time import monotonic
from typing import Final, NamedTuple, TypeVar

import psycopg
import structlog

from usage_ledger.adapters.clock import Clock
from usage_ledger.adapters.kafka.group_consumer import GroupConsumer, Place
from usage_ledger.adapters.kafka.keyed_publisher import KeyedPublisher
from usage_ledger.adapters.postgres.dead_letters import DeadLetter, DeadLetters, dead_letter
from usage_ledger.appender import LedgerUnavailable, Overloaded
from usage_ledger.commands_topic import CommandsTopic
from usage_ledger.entrypoints.kafka_door.deciding import AppendsInOrder, Batch, Entry, batches, decide
from usage_ledger.entrypoints.kafka_door.not_taken import INTERNAL_ERROR
from usage_ledger.entrypoints.kafka_door.outcome import CommandOutcome
from usage_ledger.entrypoints.kafka_door.receiving import Dead, Record, TurnedAway, receive
from usage_ledger.entrypoints.kafka_door.watchdog import Watchdog
from usage_ledger_schemas import metrics

POLL_MS: Final = 200
LOOK_UP_MS: Final = 100
RETRY_FIRST_S: Final = 0.05
RETRY_MAX_S: Final = 2.0

STALL_S: Final = 5.0
GROUP_STALL_S: Final = 60.0
"""Partitions that are nobody's are shared out anew when somebody joins again; a busy member may take a while."""

log = structlog.get_logger()
Done = TypeVar("Done")


class Stopping(Exception):
    """The process was told to stop while something could not be done. It is left to whoever comes next."""


class ConsumerStalled(Exception):
    """Kafka has records that the consumer, or the group as a whole, does not bring."""


class Door(NamedTuple):
    """What stays from one session to the next. ``max_items`` bounds what is handed to the appender at a time."""

    appender: AppendsInOrder
    dead_letters: DeadLetters
    topics: Mapping[str, CommandsTopic]
    clock: Clock
    max_items: int


class Session:
    """Composed of a consumer and a publisher that are its own to close."""

    def __init__(self, door: Door, consumer: GroupConsumer, publisher: KeyedPublisher) -> None:
        self._door = door
        self._consumer = consumer
        self._publisher = publisher
        self._watchdog = Watchdog(monotonic(), STALL_S)
        self._group_watchdog = Watchdog(monotonic(), GROUP_STALL_S)
        self._gauged: set[Place] = set()
        self.was_useful = False

    def serve(self, stop: StopSignal) -> None:
        """Raises KafkaError, PublishFailed, ConsumerStalled."""
        while not stop.is_set():
            records = self._consumer.poll(POLL_MS)
            if records:
                self._settle(records, stop)
            elif self._watchdog.is_stalled(monotonic(), self._consumer.behind):
                raise ConsumerStalled
            if self._group_watchdog.is_stalled(monotonic(), self._consumer.others_behind):
                raise ConsumerStalled
            self._gauge()

    def close(self) -> None:
        try:
            self._publisher.close()
        finally:
            self._consumer.close()

    def _settle(self, records: Sequence[Record], stop: StopSignal) -> None:
        entries = (Entry(record, receive(record, self._door.topics)) for record in records)
        try:
            for batch in batches(entries, self._door.max_items):
                self._settle_batch(batch, stop)
                if stop.is_set():
                    return  # what was polled and not handed in stays on the topic
        except Stopping:
            return
        self._watchdog.heard(monotonic())
        self.was_useful = True

    def _settle_batch(self, batch: Batch, stop: StopSignal) -> None:
        outcomes = self._insist(lambda: decide(self._door.appender, batch, self._look_up), stop)
        letters = self._letters(batch, outcomes)
        self._insist(lambda: self._door.dead_letters.keep(letters), stop)
        self._publisher.publish((outcome.key, outcome.encoded()) for outcome in outcomes if outcome is not None)
        self._consumer.commit(_next_offsets(batch))
        _observe(outcomes, letters)

    def _insist(self, attempt: Callable[[], Done], stop: StopSignal) -> Done:
        """Until it works: no record is skipped, and none is committed that is not done. Raises Stopping."""
        pause_s = RETRY_FIRST_S
        while True:
            try:
                return attempt()
            except (Overloaded, LedgerUnavailable, psycopg.OperationalError, psycopg.InterfaceError) as error:
                if stop.is_set():
                    raise Stopping from error
                self._wait(pause_s, error)
                pause_s = min(RETRY_MAX_S, pause_s * 2)

    def _wait(self, seconds: float, error: Exception) -> None:
        """The partitions rest, and stay ours: other members need not take over what they could not do either."""
        reason = "overloaded" if isinstance(error, Overloaded) else "unavailable"
        metrics.kafka_door_retries_total.labels(reason).inc()
        log.warning("kafka_door_waits", reason=reason, error=type(error).__name__, retry_in_s=seconds)
        self._consumer.stay(round(seconds * 1_000))

    def _look_up(self) -> None:
        self._consumer.stay(LOOK_UP_MS)

    def _letters(self, batch: Batch, outcomes: Sequence[CommandOutcome | None]) -> list[DeadLetter]:
        now = self._door.clock.now()
        reasons = [_reason(entry, outcome) for entry, outcome in zip(batch, outcomes, strict=True)]
        return [
            dead_letter(record.topic, record.partition, record.offset, record.value or b"", reason, now)
            for (record, _), reason in zip(batch, reasons, strict=True)
            if reason is not None
        ]

    def _gauge(self) -> None:
        lag = self._consumer.lag()
        for place, records in lag.items():
            metrics.kafka_door_lag_records.labels(*place).set(records)
        # Another member has these now, and tells of them.
        for place in self._gauged - lag.keys():
            metrics.kafka_door_lag_records.remove(*place)
        self._gauged = set(lag)


def _reason(entry: Entry, outcome: CommandOutcome | None) -> str | None:
    """Why the record becomes a dead letter, if it does."""
    received = entry.received
    if isinstance(received, Dead):
        return received.reason
    if isinstance(received, TurnedAway):
        return received.why.code if received.why.is_dead else None
    return INTERNAL_ERROR if outcome is not None and outcome.outcome == "failed" else None


def _next_offsets(batch: Batch) -> dict[Place, int]:
    """Records of a partition come in their order, so the last one of each counts."""
    return {Place(record.topic, record.partition): record.offset + 1 for record, _ in batch}


def _observe(outcomes: Sequence[CommandOutcome | None], letters: Sequence[DeadLetter]) -> None:
    for outcome in outcomes:
        metrics.kafka_door_records_total.labels("dead" if outcome is None else outcome.outcome).inc()
    metrics.kafka_door_outcomes_total.inc(sum(outcome is not None for outcome in outcomes))
    for letter in letters:
        metrics.dead_letters_total.labels(letter.reason).inc()
