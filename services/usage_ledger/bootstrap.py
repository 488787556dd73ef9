"""Puts the parts together from settings: the only module that knows both sides."""

from __future__ import annotations

import psycopg
from pydantic import SecretStr

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.postgres.migrate import migrate_ledger
from usage_ledger.adapters.postgres.store import PostgresStore
from usage_ledger.appender import Appender, AppenderLimits
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.settings import Settings
from usage_ledger.store import StoreUnavailable
from usage_ledger.unreachable import DependencyUnreachable
from usage_ledger_views.migrations import migrate_views


def migrate(dsn: str, shards: int) -> None:
    """Both sides' schemas, in one transaction, as the owner. Raises ShardCountMismatch, psycopg.Error."""
    with psycopg.connect(dsn) as connection:
        migrate_ledger(connection, shards)
        migrate_views(connection)


PROCESS_CACHED_STREAMS = 2_000
"""What waits, or is due, belongs to many accounts in turn: remembering more of them would not be used."""


def build_appender(settings: Settings) -> Appender:
    """The appender on the configured store, not started. Raises DependencyUnreachable."""
    try:
        store = PostgresStore(settings.postgres_appender_dsn.get_secret_value())
    except StoreUnavailable as error:
        raise DependencyUnreachable(f"the event store cannot be reached: {error}") from error
    limits = AppenderLimits(
        group_items=settings.appender_group_max_items,
        queue_items=settings.appender_queue_max_items,
        cached_streams=settings.appender_cache_max_aggregates,
    )
    return Appender(store, SystemClock(), HANDLERS, limits)


def build_reactor_appender(settings: Settings) -> Appender:
    """The reactor's own appender, not started: it takes what follows from facts and nothing that a door takes.

    Raises StoreUnavailable.
    """
    return _process_appender(settings.postgres_reactor_dsn)


def build_scheduler_appender(settings: Settings) -> Appender:
    """The scheduler's own appender, not started: it takes what the clock brings and nothing that a door takes.

    Raises StoreUnavailable.
    """
    return _process_appender(settings.postgres_scheduler_dsn)


def _process_appender(dsn: SecretStr) -> Appender:
    store = PostgresStore(dsn.get_secret_value())
    return Appender(store, SystemClock(), PROCESS_HANDLERS, AppenderLimits(cached_streams=PROCESS_CACHED_STREAMS))
