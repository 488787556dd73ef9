"""For whoever runs the service: alive, ready, and its metrics. These need no key; bind them where only you can read."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import psycopg
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg_pool import PoolTimeout, TooManyRequests
from starlette.requests import Request
from starlette.responses import Response

from usage_ledger.adapters.postgres.ledger_reader import RelayStanding, relay_standings
from usage_ledger.entrypoints.http.answers import encode, json_response
from usage_ledger.entrypoints.http.door import Door, door_of

log = structlog.get_logger()

LAGGING_MICROS: Final = 10_000_000
"""An event that Kafka does not have after ten seconds is lag; younger ones are only on their way."""


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """``degraded``: writes and reads work, but what Kafka and the views get is late. It stays in rotation."""

    status: Literal["ok", "degraded", "unavailable"]
    postgres: Literal["up", "down"]
    kafka: Literal["ok", "lagging", "unknown"]
    unpublished_events: int | None = None


async def healthz(_request: Request) -> Response:
    return json_response(encode(Health()))


async def readyz(request: Request) -> Response:
    """The HTTP door needs only Postgres: 503 without it, 200 otherwise."""
    readiness = await _readiness(door_of(request))
    return json_response(encode(readiness), status=503 if readiness.postgres == "down" else 200)


async def openapi(request: Request) -> Response:
    return json_response(encode(request.app.openapi()))


async def metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _readiness(door: Door) -> Readiness:
    try:
        async with door.reads.connection() as connection:
            standings = await relay_standings(connection)
    except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as error:
        log.warning("not_ready", error=type(error).__name__)
        return Readiness("unavailable", "down", "unknown")
    return _judged(standings, door.clock.now())


def _judged(standings: list[RelayStanding], now: int) -> Readiness:
    unpublished = sum(standing.waiting for standing in standings)
    oldest = min((standing.waiting_since for standing in standings if standing.waiting_since), default=now)
    if now - oldest > LAGGING_MICROS:
        return Readiness("degraded", "up", "lagging", unpublished)
    return Readiness("ok", "up", "ok", unpublished)
