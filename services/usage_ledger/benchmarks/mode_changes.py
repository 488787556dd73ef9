"""How long a change of a billing mode waits, over HTTP, while usage comes in at half of what the ledger can take."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Final, NamedTuple

from msgspec.structs import replace

from usage_ledger.benchmarks.figures import percentiles
from usage_ledger.benchmarks.furnishing import furnish
from usage_ledger.benchmarks.ledger_load import LedgerJob
from usage_ledger.benchmarks.load_process import LoadProcess, LoadResult
from usage_ledger.benchmarks.machine import machine
from usage_ledger.benchmarks.mode_change_load import ModeChangeJob
from usage_ledger.benchmarks.shapes import Shape
from usage_ledger.embedded.servers import Report
from usage_ledger.embedded.stack import Stack

_USAGE_LOAD: Final = "usage_ledger.benchmarks.ledger_load"
_CHANGE_LOAD: Final = "usage_ledger.benchmarks.mode_change_load"
_WARM_UP_S: Final = 3.0
_CONNECTIONS: Final = 24


class Rates(NamedTuple):
    """Changes a second; items a second beside them, None for half of what the ledger takes without a pause."""

    changes: float
    usage: float | None


def measure_mode_changes(
    stack: Stack, shape: Shape, rates: Rates, *, seconds: float, batch: int, report: Report
) -> dict[str, object]:
    """A warm-up of each load, then both together. Raises BenchmarkFailed when a change or an item is not accepted."""
    places = stack.connections
    keys = furnish(places.url, places.environment(stack.folder.settings_file), shape)
    usage = LedgerJob(places.url, keys.gateway, shape.name, "warm", batch, _CONNECTIONS, _WARM_UP_S)
    changes = ModeChangeJob(places.url, keys.operator, shape.name, _CONNECTIONS, _WARM_UP_S, rates.changes)
    report("Warming up")
    _run(_CHANGE_LOAD, changes)
    full = _run(_USAGE_LOAD, usage)
    usage_rate = rates.usage or full.accepted / full.seconds / 2
    report(f"Changing {rates.changes:,.0f} modes a second beside {usage_rate:,.0f} items")
    usage = replace(usage, prefix="item", seconds=seconds, rate=usage_rate)
    used, changed = run_together(usage, replace(changes, seconds=seconds))
    return {
        "bench": "mode-changes",
        "version": version("usage-ledger"),
        "shape": shape.name,
        "rate": rates.changes,
        "seconds": round(changed.seconds, 3),
        "items": changed.accepted,
        "items_per_s": round(changed.accepted / changed.seconds),
        "ack_ms": percentiles(changed.ack_ms),
        "usage": {
            "rate": round(usage_rate),
            "items_per_s": round(used.accepted / used.seconds),
            "ack_ms": percentiles(used.ack_ms),
        },
        "machine": machine(),
    }


def _run(module: str, job: LedgerJob | ModeChangeJob) -> LoadResult:
    with LoadProcess(module, job) as load:
        return load.wait_until_ready().run()


def run_together(usage: LedgerJob, changes: ModeChangeJob) -> tuple[LoadResult, LoadResult]:
    """Both are ready before either goes."""
    with LoadProcess(_USAGE_LOAD, usage) as used, LoadProcess(_CHANGE_LOAD, changes) as changed:
        used.wait_until_ready()
        changed.wait_until_ready()
        with ThreadPoolExecutor(2) as both:
            usage_done, changes_done = both.submit(used.run), both.submit(changed.run)
            return usage_done.result(), changes_done.result()
