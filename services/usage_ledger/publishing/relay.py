"""The relay process: publishes the events of the store, in order, at least once, without holes.

A shard's checkpoint moves only after Kafka has acknowledged everything up to it, and the next events are read after
the checkpoint has moved. So whatever dies, and whoever takes over, the topic never lacks an event that a later one
follows; at worst it holds some twice. What it does not do: change a byte of an event, or judge what is in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event as StopSignal
from typing import Any, NamedTuple

import psycopg
import structlog
from kafka.errors import KafkaError
from psycopg import Connection

from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.publishing.event_tail import EventTail, ShardTail, TailEvent
from usage_ledger.publishing.publisher import Delivery, OutgoingRecord, Publisher, PublishFailed
from usage_ledger.publishing.takeover import RelayHalted, TopicEnd, resume_position
from usage_ledger_schemas import metrics

BATCH_MAX_BYTES = 512 * 1024
"""Of bodies per shard and request. With one more event of 256 KB it stays below Kafka's usual limit of 1 MB."""

IDLE_POLL_S = 0.012
STANDBY_POLL_S = 0.2
BUSY_EVENTS = 16
FLUSH_MAX_S = 1.0
RETRY_FIRST_S = 0.1
RETRY_MAX_S = 5.0

SINGLE_OBJECT = b"\xc3\x01"

# Ends a session, never the process: the next one begins from the checkpoints.
RECOVERABLE = (psycopg.OperationalError, psycopg.InterfaceError, KafkaError, PublishFailed)

log = structlog.get_logger()


@dataclass(frozen=True)
class Pace:
    """``max_events`` read per shard at a time; ``linger_s``: how long a busy relay waits for more."""

    max_events: int = 2_000
    linger_s: float = 0.05


class _InFlight(NamedTuple):
    checkpoint: int
    published: int
    delivery: Delivery
    events: int


class Relay:
    """Composed of ways to open a database connection (autocommit) and a publisher."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        open_publisher: Callable[[], Publisher],
        leases: Leases,
        pace: Pace,
    ) -> None:
        self._connect = connect
        self._open_publisher = open_publisher
        self._leases = leases
        self._pace = pace

    def run(self, stop: StopSignal) -> None:
        """Publish until told to stop. What a failed dependency interrupts is taken up again, later and later.

        Raises RelayHalted when Kafka and the store contradict each other.
        """
        retry_s = RETRY_FIRST_S
        while not stop.is_set():
            session = RelaySession(self._connect, self._open_publisher, self._leases, self._pace)
            try:
                session.serve(stop)
            except RECOVERABLE as error:
                retry_s = RETRY_FIRST_S if session.published else min(RETRY_MAX_S, retry_s * 2)
                log.warning("relay_interrupted", error=f"{type(error).__name__}: {error}", retry_in_s=retry_s)
                stop.wait(retry_s)
            finally:
                session.close()


class RelaySession:
    """From one connection to the next failure."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        open_publisher: Callable[[], Publisher],
        leases: Leases,
        pace: Pace,
    ) -> None:
        self._open = ExitStack()
        self._connect = connect
        self._open_publisher = open_publisher
        self._leases = leases
        self._pace = pace
        self._checkpoints: dict[int, int] = {}
        self._in_flight: dict[int, _InFlight] = {}
        self._halted: set[int] = set()
        self._renew_at = 0.0
        self.published = 0
        """Events acknowledged and checkpointed by this session."""

    def serve(self, stop: StopSignal) -> None:
        """Publish until told to stop. Raises RelayHalted and what ``RECOVERABLE`` names."""
        connection = self._open.enter_context(self._connect())
        publisher = self._open_publisher()
        self._open.callback(publisher.close)
        tail = EventTail(connection, self._pace.max_events, BATCH_MAX_BYTES)
        try:
            while not stop.is_set():
                if time.monotonic() >= self._renew_at:
                    self._renew(connection, tail, publisher)
                stop.wait(self.tick(tail, publisher) if self._checkpoints else STANDBY_POLL_S)
        except RelayHalted as halted:
            metrics.relay_halted.labels(halted.shard, halted.reason).set(1)
            log.critical("relay_halted", shard=halted.shard, reason=halted.reason, detail=str(halted))
            raise
        finally:
            self._leases.release(connection)

    def close(self) -> None:
        self._open.close()

    def tick(self, tail: EventTail, publisher: Publisher) -> float:
        """One read of all shards that have nothing on its way. Returns seconds to wait before the next."""
        began = time.monotonic()
        self._settle(tail)
        waiting = {
            shard: position
            for shard, position in self._checkpoints.items()
            if shard not in self._in_flight and shard not in self._halted
        }
        tails = tail.read(waiting) if waiting else {}
        self._gauge(waiting, tails)
        for shard, shard_tail in tails.items():
            self._send(publisher, shard, shard_tail)
        if self._in_flight:
            publisher.flush(FLUSH_MAX_S)
            self._settle(tail)
        return self._pause(tails.values(), time.monotonic() - began)

    def _renew(self, connection: Connection[Any], tail: EventTail, publisher: Publisher) -> None:
        self._renew_at = time.monotonic() + self._leases.renew_every_s
        held = self._leases.renew(connection)
        for shard in self._checkpoints.keys() - held:
            self._give_up(shard)
        if new := held - self._checkpoints.keys():
            for shard, end in sorted(publisher.ends_of(new).items()):
                self._take_over(shard, end, tail)

    def _take_over(self, shard: int, end: TopicEnd, tail: EventTail) -> None:
        standing = tail.standing(shard)
        position = resume_position(shard, standing, end, tail.leaf_at)
        if position < standing.checkpoint:
            log.error("relay_rewinds", shard=shard, checkpoint=standing.checkpoint, position=position)
            metrics.relay_rewound_total.labels(shard).inc()
            if shard not in tail.advance([(shard, standing.checkpoint, position)]):
                return  # somebody else moved it meanwhile; the next renewal looks again
        self._checkpoints[shard] = position
        log.info("relay_serves", shard=shard, checkpoint=position)

    def _give_up(self, shard: int) -> None:
        """Let go of a shard. What is on its way may arrive: whoever serves it now sends it, or already has."""
        self._checkpoints.pop(shard, None)
        self._in_flight.pop(shard, None)

    def _send(self, publisher: Publisher, shard: int, tail: ShardTail) -> None:
        checkpoint = self._checkpoints[shard]
        if not _contiguous(tail.events, checkpoint):
            self._halt(shard, checkpoint, tail)
            return
        incarnation = tail.incarnation.encode()
        delivery = publisher.send(shard, (_record(event, incarnation) for event in tail.events))
        self._in_flight[shard] = _InFlight(checkpoint, tail.events[-1].position, delivery, len(tail.events))

    def _halt(self, shard: int, checkpoint: int, tail: ShardTail) -> None:
        """Positions have a hole: publishing past it would hide it from every reader. The other shards go on."""
        self._halted.add(shard)
        metrics.relay_halted.labels(shard, "hole").set(1)
        positions = [event.position for event in tail.events[:5]]
        log.critical("relay_halted", shard=shard, reason="hole", checkpoint=checkpoint, positions=positions)

    def _settle(self, tail: EventTail) -> None:
        """Checkpoint what was acknowledged. Raises PublishFailed for what was not, after the rest is stored."""
        done: dict[int, _InFlight] = {}
        failure: PublishFailed | None = None
        for shard, flight in self._in_flight.items():
            try:
                if flight.delivery.done():
                    done[shard] = flight
            except PublishFailed as error:
                failure = error
        if done:
            self._checkpoint(tail, done)
        if failure:
            raise failure

    def _checkpoint(self, tail: EventTail, done: dict[int, _InFlight]) -> None:
        moved = tail.advance((shard, flight.checkpoint, flight.published) for shard, flight in done.items())
        for shard, flight in done.items():
            del self._in_flight[shard]
            if shard not in moved:
                log.warning("relay_fenced", shard=shard, checkpoint=flight.checkpoint)
                self._give_up(shard)
                continue
            self._checkpoints[shard] = flight.published
            self.published += flight.events
            metrics.relay_published_total.labels(shard).inc(flight.events)

    def _gauge(self, waiting: Iterable[int], tails: dict[int, ShardTail]) -> None:
        for shard in waiting:
            tail = tails.get(shard)
            metrics.relay_lag_records.labels(shard).set(tail.last_position - self._checkpoints[shard] if tail else 0)
            oldest = tail.events[0].recorded_at if tail and tail.events else None
            metrics.relay_lag_seconds.labels(shard).set(time.time() - oldest / 1_000_000 if oldest else 0)

    def _pause(self, tails: Collection[ShardTail], spent_s: float) -> float:
        """None while more is waiting, a linger after a busy read, a short nap else: a lone event is sent at once."""
        sizes = [len(tail.events) for tail in tails]
        if sizes:
            metrics.relay_batch_events.observe(sum(sizes))
        if any(tail.events and tail.events[-1].position < tail.last_position for tail in tails):
            return 0.0
        if sum(sizes) >= BUSY_EVENTS:
            return max(0.0, self._pace.linger_s - spent_s)
        return IDLE_POLL_S


def _contiguous(events: list[TailEvent], checkpoint: int) -> bool:
    return bool(events) and all(event.position == checkpoint + i for i, event in enumerate(events, start=1))


def _record(event: TailEvent, incarnation: bytes) -> OutgoingRecord:
    return OutgoingRecord(
        key=event.stream_id.encode(),
        value=b"".join((SINGLE_OBJECT, event.fingerprint, event.body)),
        headers=[
            ("version", event.stream_version.to_bytes(8, "big")),
            ("position", event.position.to_bytes(8, "big")),
            ("incarnation", incarnation),
            ("leaf", event.leaf),
        ],
    )
