"""The load on the ledger: clients that each send a batch, wait for the acknowledgement, and send the next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import uvloop

from usage_ledger.benchmarks.doors import Ack, Door, HttpDoor
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.kafka_gateway import KafkaDoor, KafkaGateway, KafkaPlace
from usage_ledger.benchmarks.load_process import CpuOfThisProcess, Load, LoadResult, obey
from usage_ledger.benchmarks.pace import Pace, Turn
from usage_ledger.benchmarks.shapes import SHAPES
from usage_ledger.benchmarks.usage_bodies import UsageBodies
from usage_ledger.benchmarks.usage_frames import UsageFrames

_SAMPLE_EVERY_NS: Final = 20_000_000
_NS_A_MS: Final = 1e6


class LedgerJob(msgspec.Struct, frozen=True):
    """``prefix`` begins every id; ``rate`` is items a second, None as fast as it goes. ``kafka``: not over HTTP."""

    url: str
    key: str
    shape: str
    prefix: str
    batch: int
    connections: int
    seconds: float
    rate: float | None = None
    kafka: KafkaPlace | None = None


@dataclass(slots=True)
class _Acks:
    """What came back."""

    accepted: int = 0
    ended_ns: int = 0
    ack_ms: list[float] = field(default_factory=list[float])
    acked: list[tuple[int, dict[int, int]]] = field(default_factory=list[tuple[int, dict[int, int]]])
    sample_at_ns: int = 0

    def wants_sample(self) -> bool:
        """Now and then: reading the positions of every answer would be work that no gateway does."""
        now = time.monotonic_ns()
        if now < self.sample_at_ns:
            return False
        self.sample_at_ns = now + _SAMPLE_EVERY_NS
        return True

    def add(self, turn: Turn, ack: Ack) -> None:
        self.ended_ns = time.monotonic_ns()
        self.accepted += ack.accepted
        self.ack_ms.append((self.ended_ns - turn.due_ns) / _NS_A_MS)
        if ack.places:
            self.acked.append((self.ended_ns, dict(_place(text) for text in ack.places)))


def prepare(job: LedgerJob) -> Load:
    """Encodes everything that can be encoded before the time counts."""
    calls = SHAPES[job.shape].calls()
    if job.kafka is None:
        bodies = UsageBodies(calls, job.prefix, job.batch)
        return lambda: uvloop.run(_over_http(job, bodies))
    made, kafka = UsageFrames(calls, job.prefix, job.batch), job.kafka
    return lambda: uvloop.run(_over_kafka(job, kafka, made))


async def _over_http(job: LedgerJob, bodies: UsageBodies) -> LoadResult:
    doors = [await HttpDoor.open(job.url, job.key, bodies) for _ in range(job.connections)]
    return await _run(job, doors)


async def _over_kafka(job: LedgerJob, place: KafkaPlace, made: UsageFrames) -> LoadResult:
    gateway = KafkaGateway(place, asyncio.get_running_loop())
    try:
        return await _run(job, [KafkaDoor(gateway, made, f"{job.prefix}-{n}") for n in range(job.connections)])
    finally:
        gateway.close()


async def _run(job: LedgerJob, doors: Sequence[Door]) -> LoadResult:
    acks, cpu = _Acks(), CpuOfThisProcess()
    pace = Pace(job.batch, job.seconds, job.rate)
    async with asyncio.TaskGroup() as clients:
        for door in doors:
            clients.create_task(_send(door, pace, acks))
    for door in doors:
        door.close()
    return LoadResult(pace.items, acks.accepted, pace.began_ns, acks.ended_ns, cpu.spent_s(), acks.ack_ms, acks.acked)


async def _send(door: Door, pace: Pace, acks: _Acks) -> None:
    while (turn := pace.next()) is not None:
        if (early_ns := turn.due_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(early_ns / 1e9)
        acks.add(turn, await door.send(turn.first, wants_places=acks.wants_sample()))


def _place(text: str) -> tuple[int, int]:
    shard, _, number = text.partition("-")
    return int(shard), int(number)


if __name__ == "__main__":
    try:
        obey(LedgerJob, prepare)
    except* BenchmarkFailed as failures:
        raise SystemExit(f"the load failed: {failures.exceptions[0]}") from None
