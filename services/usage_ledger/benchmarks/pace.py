"""When the next batch is due: as fast as acknowledgements come, or at a rate that does not wait for them."""

from __future__ import annotations

import time
from typing import NamedTuple


class Turn(NamedTuple):
    """A batch to send: its first item, and the instant from which its waiting counts (monotonic, nanoseconds)."""

    first: int
    due_ns: int


class Pace:
    """Hands out batches until the time is over. With a rate, a batch that is sent late has waited since it was due."""

    def __init__(self, batch: int, seconds: float, rate: float | None) -> None:
        """``rate`` is items a second over all clients; None is without a pause."""
        self._batch = batch
        self._gap_ns = None if rate is None else int(batch / rate * 1e9)
        self._taken = 0
        self._length_ns = int(seconds * 1e9)
        self.began_ns = time.monotonic_ns()

    @property
    def items(self) -> int:
        """Handed out so far."""
        return self._taken * self._batch

    def next(self) -> Turn | None:
        """The next batch, which may lie in the future; None when the time is over."""
        now = time.monotonic_ns()
        due = now if self._gap_ns is None else self.began_ns + self._taken * self._gap_ns
        if due - self.began_ns >= self._length_ns or now - self.began_ns >= self._length_ns:
            return None
        turn = Turn(self._taken * self._batch, due)
        self._taken += 1
        return turn
