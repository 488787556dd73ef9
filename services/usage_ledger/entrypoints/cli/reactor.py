"""`usage-ledger reactor`: answers facts with commands, until told to stop."""

from __future__ import annotations

import click

from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S, Leases
from usage_ledger.bootstrap import build_reactor_appender
from usage_ledger.entrypoints.cli.serving import connect, serving
from usage_ledger.entrypoints.cli.shards import lease_option, shard_option, shards_served
from usage_ledger.reacting.reactor import Reactor
from usage_ledger.settings import Settings, load_settings


@click.command()
@shard_option
@lease_option
def reactor(only_shards: tuple[int, ...], lease_s: float = DEFAULT_LEASE_S) -> None:
    """Book waiting usage when its fact arrives, rate suspended usage when its price does. Start two: one stands by."""
    settings = load_settings()
    with serving("reactor", settings, settings.reactor_metrics_port) as stop:
        _build(settings, only_shards, lease_s).run(stop)


def _build(settings: Settings, only_shards: tuple[int, ...], lease_s: float) -> Reactor:
    dsn = settings.postgres_reactor_dsn.get_secret_value()
    return Reactor(
        connect=lambda: connect(dsn, "reactor", settings),
        open_appender=lambda: build_reactor_appender(settings),
        leases=Leases("reactor", shards_served(settings, only_shards), lease_s),
    )
