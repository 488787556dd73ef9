"""`usage-ledger migrate`: brings Postgres and Kafka to what this version needs. Safe to run again at any time."""

from __future__ import annotations

import click
import psycopg

from usage_ledger.adapters.kafka.topics import create_topics
from usage_ledger.adapters.postgres.migrate import ShardCountMismatch
from usage_ledger.bootstrap import migrate as migrate_postgres
from usage_ledger.entrypoints.cli.output import json_option, print_json
from usage_ledger.settings import Settings, load_settings
from usage_ledger.unreachable import DependencyUnreachable


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Create or update the tables, roles and topics. Run it as the owner of the database, before new code starts."""
    settings = load_settings()
    _migrate_postgres(settings)
    created = create_topics(settings)
    if as_json:
        print_json({"migrated": True, "shards": settings.shards, "topics_created": created})


def _migrate_postgres(settings: Settings) -> None:
    try:
        migrate_postgres(settings.postgres_owner_dsn.get_secret_value(), settings.shards)
    except ShardCountMismatch as error:
        raise click.ClickException(str(error)) from error
    except psycopg.OperationalError as error:
        raise DependencyUnreachable(f"Postgres cannot be reached: {type(error).__name__}") from error
