"""`usage-ledger serve`: the HTTP and the Kafka door with the appender, in one process, until it is told to stop."""

from __future__ import annotations

import signal
import socket
from typing import Any, Final

import click
import structlog
import uvicorn

from usage_ledger.adapters.postgres.ledger_reader import store_shards
from usage_ledger.adapters.postgres.read_pool import connect_reader
from usage_ledger.bootstrap import build_appender
from usage_ledger.entrypoints.cli.garbage import collect_rarely
from usage_ledger.entrypoints.http.application import create_app
from usage_ledger.entrypoints.http.opening import door_from
from usage_ledger.entrypoints.kafka_door.opening import with_kafka_door
from usage_ledger.observability import configure_logging
from usage_ledger.settings import Settings, load_settings

GRACE_S: Final = 20
"""How long requests may take to end after SIGTERM. The appender then finishes what it has in hand, however long."""

KEEP_ALIVE_S: Final = 75
BACKLOG: Final = 2_048

log = structlog.get_logger()


@click.command()
def serve() -> None:
    """Take commands over HTTP and Kafka, and answer questions over HTTP.

    SIGTERM stops it in order: no new connection, every request answered, everything accepted committed; exit code 0.
    """
    settings = load_settings()
    configure_logging("serve", settings.log_level)
    collect_rarely()
    _require_shard_count(settings)
    appender = build_appender(settings)
    app = create_app(with_kafka_door(door_from(settings, appender), settings, appender))
    server = uvicorn.Server(uvicorn.Config(app, **_OPTIONS))
    with _listening(settings) as listener:
        log.info("listening", host=settings.http_host, port=listener.getsockname()[1])
        _leave_quietly()
        server.run(sockets=[listener])


# One process: several would each have an appender, and their traffic would have to be routed by tenant.
_OPTIONS: Final[dict[str, Any]] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "lifespan": "on",
    "timeout_keep_alive": KEEP_ALIVE_S,
    "timeout_graceful_shutdown": GRACE_S,
    "access_log": False,
    "log_config": None,
    "server_header": False,
    # Nothing here asks for the client's address or scheme.
    "proxy_headers": False,
}


def _require_shard_count(settings: Settings) -> None:
    """Another count would look for a tenant in the wrong shard."""
    with connect_reader(settings.postgres_reader_dsn.get_secret_value()) as connection:
        found = store_shards(connection)
    if found != settings.shards:
        raise click.ClickException(f"this store has {found} shards and keeps them; the settings say {settings.shards}")


def _listening(settings: Settings) -> socket.socket:
    """Bound before the server starts, so that a port in use is a set-up error and port 0 is known by its number."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    try:
        return socket.create_server((settings.http_host, settings.http_port), family=family, backlog=BACKLOG)
    except OSError as error:
        place = f"{settings.http_host}:{settings.http_port}"
        raise click.ClickException(f"cannot listen on {place}: {error.strerror}") from error


def _leave_quietly() -> None:
    """uvicorn stops in order and then raises the signal again; what follows that is an ordinary way out."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
