"""One supervised process: started, found dead, started again after a pause, stopped in the end."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from usage_ledger.embedded.supervisor_log import log
from usage_ledger.embedded.unit import Unit

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
# Whoever ran this long had a good start: its next failure is the first again.
_GOOD_RUN_S = 10.0
_PR_SET_PDEATHSIG = 1


class Child:
    """A unit and the process that runs it at the moment, if one does."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        # When something has to happen next: a start, or the kill of one that does not stop.
        self.due_at: float | None = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._asked_to_stop = False

    @property
    def running(self) -> bool:
        """Whether there is a process that was not found dead."""
        return self._process is not None

    def start_if_due(self, now: float) -> None:
        """Starts the process, unless it runs or its pause is not over."""
        if self.running or self.due_at is None or now < self.due_at:
            return
        self.due_at = None
        self._started_at = now
        try:
            self._process = _spawn(self.unit)
        except OSError as error:
            log("unit_start_failed", unit=self.unit.name, error=str(error))
            self._pause(now)
        else:
            log("unit_started", unit=self.unit.name, pid=self._process.pid)

    def reap(self, now: float) -> None:
        """Notices an ended process, ends what is left of its group, and plans the next start."""
        if self._process is None or not _has_ended(self._process.pid):
            return
        # Before the zombie is collected its number cannot belong to anybody else.
        _signal_group(self._process.pid, signal.SIGKILL)
        log("unit_exited", unit=self.unit.name, pid=self._process.pid, code=self._process.wait())
        self._process = None
        self._pause(now)

    def stop(self, now: float) -> None:
        """Asks the process to end; once the grace is over, kills its group. Called again until it is gone."""
        if self._process is None:
            return
        if not self._asked_to_stop:
            self._asked_to_stop = True
            self.due_at = now + self.unit.stop_grace_ms / 1000
            # Not Popen.send_signal: it would collect a zombie behind our back.
            os.kill(self._process.pid, self.unit.stop_signal)
        elif self.due_at is not None and now >= self.due_at:
            log("unit_killed", unit=self.unit.name, pid=self._process.pid)
            self.due_at = None
            _signal_group(self._process.pid, signal.SIGKILL)

    def _pause(self, now: float) -> None:
        if now - self._started_at >= _GOOD_RUN_S:
            self._pause_s = _FIRST_PAUSE_S
        self.due_at = now + self._pause_s
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


def _spawn(unit: Unit) -> subprocess.Popen[bytes]:
    with open(unit.log, "ab", opener=_private) as output:
        return subprocess.Popen(
            unit.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=unit.environment,
            cwd="/",
            process_group=0,
            user=unit.user,
            group=pwd.getpwnam(unit.user).pw_gid if unit.user else None,
            extra_groups=[] if unit.user else None,
            # Safe because the supervisor has one thread.
            preexec_fn=_die_with_parent(unit.death_signal),  # noqa: PLW1509
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _die_with_parent(number: int) -> Callable[[], None] | None:
    """What the child does before exec, already under its own user, because a change of user forgets the request."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def request() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return request


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
