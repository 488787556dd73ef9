"""`usage-ledger projector`: folds the events on Kafka into the views, until told to stop."""

from __future__ import annotations

import click

from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S
from usage_ledger.entrypoints.cli.serving import connect, serving
from usage_ledger.entrypoints.cli.shards import lease_option, leases_on, shard_option
from usage_ledger.settings import Settings, load_settings
from usage_ledger_views.projecting.projector import Pace, Projector
from usage_ledger_views.projecting.record_reader import KafkaRecordReader


@click.command()
@shard_option
@lease_option
def projector(only_shards: tuple[int, ...], lease_s: float = DEFAULT_LEASE_S) -> None:
    """Keep the views up to date, each event exactly once.

    Start several: they share the shards, and a dead one's share goes to the others within ten seconds.
    """
    settings = load_settings()
    with serving("projector", settings, settings.projector_metrics_port) as stop:
        _build(settings, only_shards, lease_s).run(stop)


def _build(settings: Settings, only_shards: tuple[int, ...], lease_s: float) -> Projector:
    dsn = settings.postgres_projector_dsn.get_secret_value()
    options, topic = settings.kafka_client_options(), settings.events_topic
    return Projector(
        connect=lambda: connect(dsn, "projector", settings),
        open_reader=lambda: KafkaRecordReader(options, topic, settings.projector_batch_max_records),
        leases=leases_on("projector", settings, only_shards, lease_s),
        pace=Pace(linger_s=settings.projector_linger_ms / 1_000),
    )
