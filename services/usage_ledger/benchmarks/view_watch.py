"""Looks into the views, as their readers do, and notes when which position of each shard could be read."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, Self

import psycopg

_LOOK_EVERY_S: Final = 0.01

# How far the views are, by shard: everything up to the position can be read.
_PROGRESS: Final = "SELECT shard, position FROM views.progress"


class Sightings:
    """By shard, positions in rising order and the instant (monotonic nanoseconds) at which each was first readable."""

    def __init__(self) -> None:
        self._positions: dict[int, list[int]] = {}
        self._instants: dict[int, list[int]] = {}

    def note(self, shard: int, position: int, now_ns: int) -> None:
        """Positions that were seen before are no news."""
        positions = self._positions.setdefault(shard, [])
        if not positions or position > positions[-1]:
            positions.append(position)
            self._instants.setdefault(shard, []).append(now_ns)

    def seen_ns(self, places: Mapping[int, int]) -> int | None:
        """When the last of these positions, by shard, became readable; None if one has not yet."""
        instants = [self._instant(shard, position) for shard, position in places.items()]
        found = [instant for instant in instants if instant is not None]
        return max(found, default=0) if len(found) == len(instants) else None

    def delays_ms(self, acked: Iterable[tuple[int, Mapping[int, int]]]) -> list[float]:
        """From each acknowledgement to the views. What was readable before its acknowledgement came waited for 0."""
        seen = [(acked_ns, self.seen_ns(places)) for acked_ns, places in acked]
        return [max(0, seen_ns - acked_ns) / 1e6 for acked_ns, seen_ns in seen if seen_ns is not None]

    def _instant(self, shard: int, position: int) -> int | None:
        positions = self._positions.get(shard, [])
        index = bisect_left(positions, position)
        return self._instants[shard][index] if index < len(positions) else None


class ViewWatch:
    """A thread with a connection of its own, looking every 10 ms while the block runs."""

    def __init__(self, reader_dsn: str) -> None:
        self.sightings = Sightings()
        self.cpu_s = 0.0
        self._dsn = reader_dsn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="view-watch")

    def wait_for(self, places: Mapping[int, int], timeout_s: float) -> int | None:
        """The instant at which these positions, by shard, were readable; None if that takes too long."""
        deadline = time.monotonic() + timeout_s
        while (seen_ns := self.sightings.seen_ns(places)) is None and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
        return seen_ns

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection, connection.cursor(binary=True) as cursor:
            while not self._stop.wait(_LOOK_EVERY_S):
                rows = cursor.execute(_PROGRESS, prepare=True).fetchall()
                now_ns = time.monotonic_ns()
                for shard, position in rows:
                    self.sightings.note(shard, position, now_ns)
                self.cpu_s = time.thread_time()
