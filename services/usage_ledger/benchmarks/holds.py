"""How long a call waits for its hold, and for its settlement, at a rate of calls over HTTP."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from msgspec.structs import replace

from usage_ledger.benchmarks.figures import percentiles
from usage_ledger.benchmarks.furnishing import furnish
from usage_ledger.benchmarks.hold_load import HoldJob
from usage_ledger.benchmarks.load_process import LoadProcess, LoadResult
from usage_ledger.benchmarks.machine import machine
from usage_ledger.benchmarks.processes import CpuMeter
from usage_ledger.benchmarks.shapes import Shape
from usage_ledger.embedded.servers import Report
from usage_ledger.embedded.stack import Stack

_LOAD: Final = "usage_ledger.benchmarks.hold_load"
_PROCESSES: Final = ("serve", "relay", "projector", "postgres", "kafka")
_WARM_UP_S: Final = 3.0


def measure_holds(
    stack: Stack, shape: Shape, *, seconds: float, rate: float, connections: int, report: Report
) -> dict[str, object]:
    """A warm-up, then one stretch. Raises BenchmarkFailed when a hold or a settlement is not accepted."""
    places = stack.connections
    key = furnish(places.url, places.environment(stack.folder.settings_file), shape).gateway
    job = HoldJob(places.url, key, shape.name, "warm", connections, _WARM_UP_S, rate)
    report("Warming up")
    _run(job)
    report(f"Holding and settling {rate:,.0f} calls a second")
    meter = CpuMeter({name: stack.supervision.pid_of(name) for name in _PROCESSES})
    result = _run(replace(job, prefix="call", seconds=seconds))
    cpu_s = {**meter.spent_s(), "load": result.cpu_s}
    return {
        "bench": "holds",
        "version": version("usage-ledger"),
        "shape": shape.name,
        "rate": rate,
        "connections": connections,
        "seconds": round(result.seconds, 3),
        "items": result.accepted,
        "items_per_s": round(result.accepted / result.seconds),
        "hold_ms": percentiles(result.ack_ms),
        "settle_ms": percentiles(result.settle_ms),
        "cpu_us_per_item": {
            "total": round(sum(cpu_s.values()) / result.accepted * 1e6),
            **{name: round(spent / result.accepted * 1e6) for name, spent in cpu_s.items()},
        },
        "machine": machine(),
    }


def _run(job: HoldJob) -> LoadResult:
    with LoadProcess(_LOAD, job) as load:
        return load.wait_until_ready().run()
