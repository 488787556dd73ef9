"""The load of operators: clients that each change a workspace's billing mode, at a rate that does not wait for them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import msgspec
import uvloop

from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.http_connection import HttpConnection
from usage_ledger.benchmarks.load_process import CpuOfThisProcess, Load, LoadResult, obey
from usage_ledger.benchmarks.pace import Pace, Turn
from usage_ledger.benchmarks.shapes import SHAPES, Place

_NS_A_MS: Final = 1e6
_MODES: Final = ("byok", "platform_managed")


class ModeChangeJob(msgspec.Struct, frozen=True):
    """``key`` is the operator's; ``rate`` is changes a second."""

    url: str
    key: str
    shape: str
    connections: int
    seconds: float
    rate: float


@dataclass(slots=True)
class _Answered:
    """Changes that were accepted, and ms from when each was due until it was answered."""

    ended_ns: int = 0
    ack_ms: list[float] = field(default_factory=list[float])


def prepare(job: ModeChangeJob) -> Load:
    places = SHAPES[job.shape].places()
    return lambda: uvloop.run(_run(job, places))


async def _run(job: ModeChangeJob, places: list[Place]) -> LoadResult:
    headers = {"Authorization": f"Bearer {job.key}"}
    clients = [await HttpConnection.open(job.url, headers) for _ in range(job.connections)]
    answered, cpu, pace = _Answered(), CpuOfThisProcess(), Pace(1, job.seconds, job.rate)
    async with asyncio.TaskGroup() as tasks:
        for client in clients:
            tasks.create_task(_operate(client, places, pace, answered))
    for client in clients:
        client.close()
    accepted = len(answered.ack_ms)
    return LoadResult(pace.items, accepted, pace.began_ns, answered.ended_ns, cpu.spent_s(), answered.ack_ms)


async def _operate(client: HttpConnection, places: list[Place], pace: Pace, answered: _Answered) -> None:
    while (turn := pace.next()) is not None:
        if (early_ns := turn.due_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(early_ns / 1e9)
        await _change(client, places, turn)
        answered.ended_ns = time.monotonic_ns()
        answered.ack_ms.append((answered.ended_ns - turn.due_ns) / _NS_A_MS)


async def _change(client: HttpConnection, places: list[Place], turn: Turn) -> None:
    """One workspace after the other, each time round to the other mode, so that every change is one."""
    rounds, number = divmod(turn.first, len(places))
    place, mode = places[number], _MODES[rounds % len(_MODES)]
    body = msgspec.json.encode({"mode": mode, "reason": "benchmark"})
    headers = {"Idempotency-Key": uuid4().hex, "X-Tenant": place.tenant}
    answer = await client.request("PUT", f"/v1/workspaces/{place.workspace_id}/billing-mode", body, headers)
    if answer.status != 200:
        raise BenchmarkFailed(f"HTTP {answer.status}: {answer.body[:500].decode(errors='replace')}")


if __name__ == "__main__":
    try:
        obey(ModeChangeJob, prepare)
    except* BenchmarkFailed as failures:
        raise SystemExit(f"the load failed: {failures.exceptions[0]}") from None
