"""The load of calls in flight: clients that each hold credit, then settle it, at a rate that does not wait for them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import msgspec
import uvloop

from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.http_connection import Answer, HttpConnection
from usage_ledger.benchmarks.load_process import CpuOfThisProcess, Load, LoadResult, obey
from usage_ledger.benchmarks.pace import Pace, Turn
from usage_ledger.benchmarks.shapes import SHAPES, Call

_NS_A_MS: Final = 1e6
_encode: Final = msgspec.json.Encoder().encode


class HoldJob(msgspec.Struct, frozen=True):
    """``prefix`` begins every id; ``rate`` is pairs of hold and settlement a second."""

    url: str
    key: str
    shape: str
    prefix: str
    connections: int
    seconds: float
    rate: float


@dataclass(slots=True)
class _Answered:
    """Pairs that were held and settled, and ms from when each was due until it was answered."""

    pairs: int = 0
    ended_ns: int = 0
    hold_ms: list[float] = field(default_factory=list[float])
    settle_ms: list[float] = field(default_factory=list[float])


def prepare(job: HoldJob) -> Load:
    calls = SHAPES[job.shape].calls()
    return lambda: uvloop.run(_run(job, calls))


async def _run(job: HoldJob, calls: list[Call]) -> LoadResult:
    headers = {"Authorization": f"Bearer {job.key}"}
    clients = [await HttpConnection.open(job.url, headers) for _ in range(job.connections)]
    answered, cpu, pace = _Answered(), CpuOfThisProcess(), Pace(1, job.seconds, job.rate)
    async with asyncio.TaskGroup() as tasks:
        for client in clients:
            tasks.create_task(_call(client, job.prefix, calls, pace, answered))
    for client in clients:
        client.close()
    return LoadResult(
        sent=pace.items,
        accepted=answered.pairs,
        began_ns=pace.began_ns,
        ended_ns=answered.ended_ns,
        cpu_s=cpu.spent_s(),
        ack_ms=answered.hold_ms,
        settle_ms=answered.settle_ms,
    )


async def _call(client: HttpConnection, prefix: str, calls: list[Call], pace: Pace, answered: _Answered) -> None:
    while (turn := pace.next()) is not None:
        if (early_ns := turn.due_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(early_ns / 1e9)
        await _pair(client, f"{prefix}-{turn.first}", calls[turn.first % len(calls)], turn, answered)


async def _pair(client: HttpConnection, hold_id: str, call: Call, turn: Turn, answered: _Answered) -> None:
    """A hold of a cent, and the settlement of a part of it."""
    tenant, account_id, workspace_id, _ = call.place
    held = {"tenant": tenant, "hold_id": hold_id, "workspace_id": workspace_id, "amount": "0.01"}
    _require(await _post(client, f"/v1/accounts/{account_id}/holds", held), 201)
    held_ns = time.monotonic_ns()
    answered.hold_ms.append((held_ns - turn.due_ns) / _NS_A_MS)
    _require(await _post(client, f"/v1/holds/{hold_id}/settle", {"tenant": tenant, "amount": "0.006"}), 200)
    answered.ended_ns = time.monotonic_ns()
    answered.settle_ms.append((answered.ended_ns - held_ns) / _NS_A_MS)
    answered.pairs += 1


async def _post(client: HttpConnection, path: str, body: dict[str, str]) -> Answer:
    return await client.request("POST", path, _encode(body), {"Idempotency-Key": uuid4().hex})


def _require(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise BenchmarkFailed(f"HTTP {answer.status}: {answer.body[:500].decode(errors='replace')}")


if __name__ == "__main__":
    try:
        obey(HoldJob, prepare)
    except* BenchmarkFailed as failures:
        raise SystemExit(f"the load failed: {failures.exceptions[0]}") from None
