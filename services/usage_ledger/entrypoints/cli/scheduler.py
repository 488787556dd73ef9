"""`usage-ledger scheduler`: does what is due at its time to idle accounts, until told to stop."""

from __future__ import annotations

import click

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S, Leases
from usage_ledger.bootstrap import build_scheduler_appender
from usage_ledger.entrypoints.cli.serving import connect, serving
from usage_ledger.entrypoints.cli.shards import lease_option, shard_option, shards_served
from usage_ledger.scheduling.scheduler import Scheduler
from usage_ledger.settings import Settings, load_settings


@click.command()
@shard_option
@lease_option
def scheduler(only_shards: tuple[int, ...], lease_s: float = DEFAULT_LEASE_S) -> None:
    """Let holds and credit expire and grants take effect, where nobody asks. Start two: one stands by."""
    settings = load_settings()
    with serving("scheduler", settings, settings.scheduler_metrics_port) as stop:
        _build(settings, only_shards, lease_s).run(stop)


def _build(settings: Settings, only_shards: tuple[int, ...], lease_s: float) -> Scheduler:
    dsn = settings.postgres_scheduler_dsn.get_secret_value()
    return Scheduler(
        connect=lambda: connect(dsn, "scheduler", settings),
        open_appender=lambda: build_scheduler_appender(settings),
        leases=Leases("scheduler", shards_served(settings, only_shards), lease_s),
        clock=SystemClock(),
    )
