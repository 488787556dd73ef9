"""Both doors around one appender, as `serve` puts them together, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from usage_ledger.bootstrap import build_appender
from usage_ledger.embedded.ports import free_port
from usage_ledger.entrypoints.http.application import create_app
from usage_ledger.entrypoints.http.opening import door_from
from usage_ledger.entrypoints.kafka_door.opening import with_kafka_door
from usage_ledger.settings import Settings
from waiting import eventually


@contextmanager
def running_doors(settings: Settings) -> Iterator[str]:
    """Where the HTTP door answers."""
    appender = build_appender(settings)
    port = free_port()
    app = create_app(with_kafka_door(door_from(settings, appender), settings, appender))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, access_log=False, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
