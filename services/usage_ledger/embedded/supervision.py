"""The owner's side of the supervisor: starts it, gives it units, ends it, and reads what it logged."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from usage_ledger.embedded.refused import ServerFailed
from usage_ledger.embedded.unit import Unit

# More often than this a unit must not end while somebody waits for it to become ready.
_EXITS_UNTIL_HOPELESS = 3
_LOG_LINES_SHOWN = 15
_POLL_S = 0.02

Readiness = Callable[[], bool]


class Supervision:
    """A running supervisor. It stops every unit as soon as this object or its process is gone.

    `lock_fd`, an open and locked file, is held by the supervisor too, so a folder stays locked until all has ended.
    `throw_away` names folders that the supervisor removes at the end.
    """

    def __init__(self, log: Path, *, lock_fd: int | None = None, throw_away: Sequence[Path] = ()) -> None:
        self.log = log
        # Its own session: ^C in a terminal reaches the owner alone, which then stops the units in order.
        readable, writable = os.pipe()
        self._orders = os.fdopen(writable, "wb")
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "usage_ledger.embedded.supervisor", *map(str, throw_away)],
                stdin=readable,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[] if lock_fd is None else [lock_fd],
            )
        os.close(readable)
        self._units: list[Unit] = []
        self._one_writer = threading.Lock()

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the supervisor still runs."""
        return self._process.poll() is None

    def run(self, unit: Unit) -> None:
        """Has the unit started and kept running. Readiness is another matter, see `wait_until`."""
        self._units.append(unit)
        self._write(unit.to_json().encode() + b"\n")

    def wait_until(self, unit: Unit, ready: Readiness, *, timeout_ms: int) -> None:
        """Polls until `ready()` is true. Raises ServerFailed if the unit keeps ending or the time is over."""
        deadline = time.monotonic() + timeout_ms / 1000
        while not ready():
            if not self.alive or self.exits_of(unit.name) >= _EXITS_UNTIL_HOPELESS:
                raise ServerFailed(f"{unit.name} does not start:\n{_last_lines(Path(unit.log))}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{unit.name} was not ready in {timeout_ms} ms:\n{_last_lines(Path(unit.log))}")
            time.sleep(_POLL_S)

    def pid_of(self, name: str) -> int:
        """The process id that the unit was last started with. Raises ServerFailed if it never was."""
        pids = [line["pid"] for line in self.events() if line["event"] == "unit_started" and line["unit"] == name]
        if not pids:
            raise ServerFailed(f"{name} was not started")
        return pids[-1]

    def exits_of(self, name: str) -> int:
        """How often the unit ended, or could not even be started, although nobody asked it to."""
        failures = ("unit_exited", "unit_start_failed")
        return sum(line["event"] in failures and line["unit"] == name for line in self.events())

    def events(self) -> Iterator[dict[str, Any]]:
        """What this supervisor logged so far, oldest first."""
        for line in self.log.read_text().splitlines():
            if line.startswith("{"):
                yield json.loads(line)

    def stop(self) -> None:
        """Stops every unit in order and returns when the last one is gone."""
        self._orders.close()
        grace_s = 5 + sum(unit.stop_grace_ms for unit in self._units) / 1000
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _write(self, line: bytes) -> None:
        try:
            # Servers are started by several threads, and a line must arrive whole.
            with self._one_writer:
                self._orders.write(line)
                self._orders.flush()
        except BrokenPipeError:
            raise ServerFailed(f"the supervisor is gone:\n{_last_lines(self.log)}") from None


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-_LOG_LINES_SHOWN:])
