"""What the processes that run until they are told to stop have in common."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg
from psycopg import Connection

from usage_ledger.entrypoints.cli.garbage import collect_rarely
from usage_ledger.observability import configure_logging, start_metrics
from usage_ledger.settings import Settings

CONNECT_TIMEOUT_S = 3


@contextmanager
def serving(process: str, settings: Settings, metrics_port: int) -> Generator[Event]:
    """Logging, metrics, and an event that SIGTERM or SIGINT sets. Raises OSError if the metrics port is taken."""
    configure_logging(process, settings.log_level)
    collect_rarely()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    stop_metrics = start_metrics(settings.metrics_host, metrics_port)
    try:
        yield stop
    finally:
        stop_metrics()


def connect(dsn: str, process: str, settings: Settings) -> Connection[Any]:
    """A connection in autocommit mode whose commits need not reach the disk before they return.

    What relay and projector write follows from events and is done again if it is lost, so only the appender pays for
    durability. Raises psycopg.Error.
    """
    return psycopg.connect(
        dsn,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name=f"usage-ledger {process}",
        options=f"-c synchronous_commit=off -c statement_timeout={settings.postgres_statement_timeout_ms}",
    )
