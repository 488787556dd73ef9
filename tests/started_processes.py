"""Processes of `usage-ledger` as they are shipped, beside a test: whatever still runs when it ends is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo

Start = Callable[..., "subprocess.Popen[bytes]"]


@contextmanager
def started_processes(role: str, ledger_database: str, logs: Path) -> Iterator[Start]:
    """Gives a function that starts `usage-ledger ROLE …` with the login of that role, its log in a file."""
    running: list[subprocess.Popen[bytes]] = []
    environment = _environment(role, make_conninfo(ledger_database, user=f"ledger_{role}"))

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "usage_ledger", role, *arguments]
        with (logs / f"{role}-{len(running)}.log").open("wb") as stderr:
            running.append(subprocess.Popen(command, env=environment, stderr=stderr))
        return running[-1]

    try:
        yield start
    finally:
        for process in running:
            process.kill()
            process.wait()


def _environment(role: str, dsn: str) -> dict[str, str]:
    """No setting of the machine reaches them."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("USAGE_LEDGER_")}
    ours = f"USAGE_LEDGER_POSTGRES_{role.upper()}_DSN", f"USAGE_LEDGER_{role.upper()}_METRICS_PORT"
    return inherited | dict(zip(ours, (dsn, "0"), strict=True))
