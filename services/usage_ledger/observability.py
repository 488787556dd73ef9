"""Logs and metrics of a process: JSON lines on stderr with static event names, and ``/metrics`` for Prometheus.

What it does not do: decide what is measured. Metric names are in ``usage_ledger_schemas.metrics``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

import structlog
from prometheus_client import start_http_server
from structlog.typing import Processor

LogLevel = Literal["debug", "info", "warning", "error"]

# Libraries that log every reconnect at a level of urgency that is ours to judge: our own lines say what it meant.
_TALKATIVE = {"kafka": logging.ERROR, "psycopg.pool": logging.ERROR}


def configure_logging(process: str, level: LogLevel) -> None:
    """One JSON object a line: ``event``, ``level``, ``at`` (UTC), ``process``, fields. Libraries log the same way."""
    threshold = getattr(logging, level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        _named(process),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(default=str)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _route_libraries(shared, threshold)


def start_metrics(host: str, port: int) -> Callable[[], None]:
    """Serve ``/metrics`` in a thread of its own; port 0 = none. Returns what stops it. Raises OSError if taken."""
    if port == 0:
        return lambda: None
    server, thread = start_http_server(port, addr=host)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def _named(process: str) -> Processor:
    def name(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["process"] = process
        return event

    return name


def _route_libraries(shared: list[Processor], threshold: int) -> None:
    """What the standard library's loggers say goes through the same renderer."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(threshold, logging.WARNING))
    for name, least in _TALKATIVE.items():
        logging.getLogger(name).setLevel(least)
