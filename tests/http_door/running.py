"""The application under uvicorn in a thread, on a free port of loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn

from usage_ledger.appender import Appender
from usage_ledger.bootstrap import build_appender
from usage_ledger.embedded.ports import free_port
from usage_ledger.entrypoints.http.application import create_app
from usage_ledger.entrypoints.http.opening import door_from
from usage_ledger.settings import Settings
from waiting import eventually


class RunningDoor(NamedTuple):
    url: str
    appender: Appender


@contextmanager
def running_door(settings: Settings) -> Iterator[RunningDoor]:
    appender = build_appender(settings)
    port = free_port()
    app = create_app(door_from(settings, appender))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, access_log=False, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        yield RunningDoor(f"http://127.0.0.1:{port}", appender)
    finally:
        server.should_exit = True
        thread.join()
