"""One fact as it changed over time: what held at an instant, and for how long.

A change counts from its own instant on, that instant included, until the next change. Times are microseconds UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

BEGINNING: Final = -(2**63)
"""Before every instant that 64 bits can hold."""

END: Final = 2**63
"""After every instant that 64 bits can hold."""


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def datetime_of(micros: int) -> datetime:
    """The instant in UTC. Raises OverflowError beyond the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=micros)


def format_instant(micros: int) -> str:
    """RFC 3339, always with six decimals, so that texts sort like the instants that they stand for."""
    return f"{datetime_of(micros):%Y-%m-%dT%H:%M:%S.%fZ}"


class Timeline(Generic[T]):
    """Values by the instant they hold from. The last one is read without a search."""

    __slots__ = ("_since", "_values", "latest", "latest_since")

    def __init__(self, first: T) -> None:
        """``first`` is what holds before any change."""
        self._since: list[int] = [BEGINNING]
        self._values: list[T] = [first]
        self.latest = first
        self.latest_since = BEGINNING

    def change(self, since: int, value: T) -> None:
        """From ``since`` on it is ``value``. ``since`` is never before the last change."""
        self._since.append(since)
        self._values.append(value)
        self.latest = value
        self.latest_since = since

    def announce(self, since: int, value: T) -> None:
        """Like ``change``, also for an instant before the last change, which then goes on to hold from its own."""
        if since >= self.latest_since:
            self.change(since, value)
            return
        index = bisect_right(self._since, since)
        self._since.insert(index, since)
        self._values.insert(index, value)

    def at(self, instant: int) -> T:
        """What holds at the instant; of several changes at one instant the last."""
        if instant >= self.latest_since:
            return self.latest
        return self._values[bisect_right(self._since, instant) - 1]

    def span(self, instant: int) -> tuple[int, int]:
        """The interval [since, until) around the instant in which nothing changes."""
        if instant >= self.latest_since:
            return self.latest_since, END
        index = bisect_right(self._since, instant)
        return self._since[index - 1], self._since[index]

    def changes(self) -> list[tuple[int, T]]:
        """Every change in order, without what held before the first: what a snapshot keeps."""
        return list(zip(self._since, self._values, strict=True))[1:]

    def change_all(self, changes: Iterable[tuple[int, T]]) -> None:
        for since, value in changes:
            self.change(since, value)


def common_span(instant: int, *timelines: Timeline[Any]) -> tuple[int, int]:
    """The interval [since, until) around the instant in which none of them changes."""
    since = max([timeline.latest_since for timeline in timelines])
    if instant >= since:
        return since, END
    spans = [timeline.span(instant) for timeline in timelines]
    return max([since for since, _ in spans]), min([until for _, until in spans])
