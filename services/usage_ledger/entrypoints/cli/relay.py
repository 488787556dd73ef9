"""`usage-ledger relay`: publishes the events of the store to Kafka, until told to stop."""

from __future__ import annotations

import click

from usage_ledger.adapters.kafka.producer import KafkaPublisher
from usage_ledger.adapters.postgres.leases import DEFAULT_LEASE_S
from usage_ledger.entrypoints.cli.serving import connect, serving
from usage_ledger.entrypoints.cli.shards import lease_option, leases_on, shard_option
from usage_ledger.publishing.relay import Pace, Relay
from usage_ledger.publishing.takeover import RelayHalted
from usage_ledger.settings import Settings, load_settings


@click.command()
@shard_option
@lease_option
def relay(only_shards: tuple[int, ...], lease_s: float = DEFAULT_LEASE_S) -> None:
    """Publish events to Kafka in order, at least once, without holes.

    Start several: they share the shards, and a dead one's share goes to the others within ten seconds.
    """
    settings = load_settings()
    with serving("relay", settings, settings.relay_metrics_port) as stop:
        try:
            _build(settings, only_shards, lease_s).run(stop)
        except RelayHalted as halted:
            # Exit code 2: no retry helps, somebody has to say which of the two histories is meant.
            raise click.ClickException(f"the relay halts ({halted.reason}): {halted}") from halted


def _build(settings: Settings, only_shards: tuple[int, ...], lease_s: float) -> Relay:
    dsn = settings.postgres_relay_dsn.get_secret_value()
    return Relay(
        connect=lambda: connect(dsn, "relay", settings),
        open_publisher=lambda: KafkaPublisher(settings.kafka_client_options(), settings.events_topic),
        leases=leases_on("relay", settings, only_shards, lease_s),
        pace=Pace(settings.relay_batch_max_events, settings.relay_linger_ms / 1_000),
    )
