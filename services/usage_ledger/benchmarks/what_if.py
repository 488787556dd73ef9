"""What a what-if over very many workspaces costs: as the HTTP door does it, with its rests, on real Postgres."""

from __future__ import annotations

import os
from importlib.metadata import version
from time import monotonic, process_time
from typing import Final

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.postgres.what_if_run import WhatIfQuestion, WhatIfRun
from usage_ledger.benchmarks.failed import BenchmarkFailed
from usage_ledger.benchmarks.machine import machine
from usage_ledger.benchmarks.many_workspaces import flips_without_overrides, make_workspaces, workspaces_of
from usage_ledger.benchmarks.places import PostgresPlace
from usage_ledger.benchmarks.processes import rss_mb
from usage_ledger.bootstrap import migrate
from usage_ledger.embedded.servers import Report
from usage_ledger.entrypoints.http.what_ifs import REST_SHARE
from usage_ledger.workspaces.hypothesis import Hypothesis
from usage_ledger.workspaces.resolver.policies import POLICIES

SHARDS: Final = 4
_POLICY: Final = POLICIES["P5"]
"""Without the override rung, so that every workspace that chose against its model flips."""


def measure_what_if(place: PostgresPlace, workspaces: int, report: Report) -> dict[str, object]:
    """Fill a database of its own in bulk, then ask about the whole deployment once. Raises BenchmarkFailed."""
    dsn = place.new_database("what_if")
    migrate(dsn, SHARDS)
    report(f"Making {workspaces:,} workspaces")
    make_workspaces(dsn, workspaces, SHARDS)
    memory = peak = rss_mb(os.getpid())
    began, busy = monotonic(), process_time()
    run = WhatIfRun(dsn, range(SHARDS), WhatIfQuestion(None, Hypothesis(_POLICY)), SystemClock().now, REST_SHARE)
    while run.next_part() is not None:
        peak = max(peak, rss_mb(os.getpid()))
        report(f"Asked about {run.summary.workspaces:,} of {run.expected:,}")
    seconds, cpu = monotonic() - began, process_time() - busy
    run.close()
    _require(run, workspaces)
    return {
        "bench": "what-if",
        "version": version("usage-ledger"),
        "seconds": round(seconds, 1),
        "items": run.summary.workspaces,
        "items_per_s": round(run.summary.workspaces / seconds),
        "flips": run.summary.directions.total(),
        "cpu_us_per_item": {"total": round(cpu / run.summary.workspaces * 1e6, 1)},
        "rss_mb": round(peak, 1),
        "extra_rss_mb": round(peak - memory, 1),
        "machine": machine(),
    }


def _require(run: WhatIfRun, workspaces: int) -> None:
    """Every workspace was asked about, and exactly those that must flip do."""
    found = run.summary.workspaces, run.summary.directions.total(), run.unreadable
    if found != (workspaces_of(workspaces), flips_without_overrides(workspaces), 0):
        raise BenchmarkFailed(f"workspaces, flips and unreadable ones: {found}")
