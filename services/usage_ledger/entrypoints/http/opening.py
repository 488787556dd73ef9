"""Opens the door around an appender: the reader's pool, the cache of keys; and closes everything in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from usage_ledger.adapters.clock import SystemClock
from usage_ledger.adapters.postgres.key_register import PostgresKeyRegister
from usage_ledger.adapters.postgres.read_pool import read_pool
from usage_ledger.appender import Appender
from usage_ledger.entrypoints.http.application import OpenDoor
from usage_ledger.entrypoints.http.door import Door
from usage_ledger.entrypoints.http.in_flight import InFlight
from usage_ledger.entrypoints.http.key_cache import KeyCache
from usage_ledger.entrypoints.http.what_ifs import WhatIfs
from usage_ledger.settings import Settings

log = structlog.get_logger()


def door_from(settings: Settings, appender: Appender) -> OpenDoor:
    """``appender`` is not started yet; from here on it is the door's, which also stops it."""

    @asynccontextmanager
    async def open_door() -> AsyncGenerator[Door]:
        reads = read_pool(
            settings.postgres_reader_dsn.get_secret_value(),
            settings.postgres_pool_connections,
            settings.postgres_statement_timeout_ms,
        )
        register = PostgresKeyRegister(reads)
        appender.start()
        await reads.open()
        try:
            yield Door(
                appender=appender,
                register=register,
                keys=KeyCache(register),
                reads=reads,
                clock=SystemClock(),
                shards=settings.shards,
                body_max_bytes=settings.http_body_max_bytes,
                top_up_url=settings.http_top_up_url,
                in_flight=InFlight(settings.appender_queue_max_items),
                what_ifs=WhatIfs(settings.postgres_reader_dsn.get_secret_value(), SystemClock()),
                topics=tuple(settings.commands_topics.values()),
            )
        finally:
            # Requests have been answered by now; what doors other than this one handed in is finished first.
            await asyncio.to_thread(appender.stop)
            await reads.close()
            log.info("door_closed")

    return open_door
