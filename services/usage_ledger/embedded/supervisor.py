"""The supervisor: a process of its own that keeps units running until the one who started it is gone.

It reads a unit per line from stdin and starts it. End of file means that the owner finished, crashed or was killed,
which all look the same from here: every unit is stopped, the last started first. So nothing is left behind whatever
happens to the owner. Should the supervisor itself be killed, the kernel ends its children (`PR_SET_PDEATHSIG`).

It has one thread, on purpose: that signal is tied to the thread which started the child, and code between fork and
exec is safe only where no other thread can hold a lock. It knows nothing of readiness; its owner asks for that.
"""

import contextlib
import os
import selectors
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from usage_ledger.embedded.child import Child
from usage_ledger.embedded.supervisor_log import log
from usage_ledger.embedded.unit import Unit

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# A line is a unit with its environment; a pipe hands over up to 64 KB at once.
_READ_BYTES = 65_536


class Supervisor:
    """Starts, watches, restarts and stops its units."""

    def __init__(self, orders_fd: int) -> None:
        self._orders_fd = orders_fd
        self._unread = b""
        self._children: list[Child] = []
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(orders_fd, selectors.EVENT_READ, self._read_orders)
        self._selector.register(_wake_on_signals(self._begin_stop), selectors.EVENT_READ, None)

    def run(self) -> None:
        """Returns when every unit has ended after a stop."""
        while self._children or not self._stopping:
            for key, _ in self._selector.select(self._seconds_until_due()):
                if key.data is None:
                    _drain(key.fd)
                else:
                    key.data()
            self._look_after_children()

    def _read_orders(self) -> None:
        received = os.read(self._orders_fd, _READ_BYTES)
        if not received:
            self._selector.unregister(self._orders_fd)
            self._begin_stop()
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._children.append(Child(Unit.from_json(line)))

    def _begin_stop(self) -> None:
        if not self._stopping:
            log("stop_began", units=[child.unit.name for child in self._children])
        self._stopping = True

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            child.reap(now)
        if self._stopping:
            self._stop_last(now)
        else:
            for child in self._children:
                child.start_if_due(now)

    def _stop_last(self, now: float) -> None:
        while self._children and not self._children[-1].running:
            self._children.pop()
        if self._children:
            self._children[-1].stop(now)

    def _seconds_until_due(self) -> float | None:
        now = time.monotonic()
        waiting = self._children[-1:] if self._stopping else self._children
        due = [child.due_at for child in waiting if child.due_at is not None]
        return max(0.0, min(due) - now) if due else None


def _wake_on_signals(stop: Callable[[], None]) -> int:
    """Lets a signal end the wait of the selector: returns the descriptor that becomes readable."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _only_wake)
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda _number, _frame: stop())
    return readable


def _only_wake(_number: int, _frame: object) -> None:
    """A signal without a handler would not reach the pipe."""


def _drain(fd: int) -> None:
    with contextlib.suppress(BlockingIOError):
        os.read(fd, _READ_BYTES)


def main(arguments: list[str]) -> None:
    """`supervisor [FOLDER…]`: the folders are throw-away ones, removed at the end."""
    Supervisor(sys.stdin.fileno()).run()
    for folder in arguments:
        shutil.rmtree(Path(folder), ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
