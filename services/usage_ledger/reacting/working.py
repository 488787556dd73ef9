"""How a process that appends works for as long as it lives: sessions that end in a failure, each begun again later."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from threading import Event as StopSignal
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from usage_ledger.adapters.postgres.leases import Leases
from usage_ledger.appender import Appender, LedgerUnavailable
from usage_ledger.store import StoreUnavailable

RETRY_FIRST_S = 0.1
RETRY_MAX_S = 5.0

# Ends a session, never the process: the next one begins from what is stored.
RECOVERABLE = (psycopg.OperationalError, psycopg.InterfaceError, LedgerUnavailable, StoreUnavailable)

log = structlog.get_logger()


def work_until_stopped(job: str, serve: Callable[[], None], stop: StopSignal) -> None:
    """Run session after session. What a failed dependency interrupts is taken up again, later and later."""
    retry_s = RETRY_FIRST_S
    while not stop.is_set():
        began = time.monotonic()
        try:
            serve()
        except RECOVERABLE as error:
            lasted = time.monotonic() - began > RETRY_MAX_S
            retry_s = RETRY_FIRST_S if lasted else min(RETRY_MAX_S, retry_s * 2)
            log.warning("session_interrupted", job=job, error=f"{type(error).__name__}: {error}", retry_in_s=retry_s)
            stop.wait(retry_s)


@contextmanager
def session(
    connect: Callable[[], Connection[Any]], open_appender: Callable[[], Appender], leases: Leases
) -> Generator[tuple[Connection[Any], Appender]]:
    """A connection and an appender that was not started; leases are given back at the end."""
    with ExitStack() as opened:
        connection = opened.enter_context(connect())
        opened.callback(leases.release, connection)
        appender = open_appender()
        opened.callback(appender.stop)
        yield connection, appender
