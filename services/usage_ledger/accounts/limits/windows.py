"""Calendar windows: the day, week, month around an instant, as a zone's clocks show them (L1).

A window is [start, end) in microseconds UTC, from one local midnight to another, so a day has 23 or 25 hours where the
clocks change. Windows of one kind and zone follow one another without a gap: every instant is in exactly one of them,
whatever the clocks do at midnight. Pure: nothing but the instant and the zone's rules counts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from usage_ledger.zones import time_zone

WindowKind = Literal["day", "week", "month", "total"]

SHORTEST_FIRST: Final[tuple[WindowKind, ...]] = ("day", "week", "month", "total")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Usage of another century is a mistake of whoever wrote it in by hand; it must not make a calendar overflow.
_EARLIEST: Final = 0
_LATEST: Final = 8_000 * 365 * 86_400 * 1_000_000


class Window(NamedTuple):
    """[start, end) in microseconds UTC."""

    start: int
    end: int


TOTAL: Final = Window(0, 2**63 - 1)
"""The one window that never ends; what 64 bits can hold."""


def window_of(kind: WindowKind, zone: str, instant: int) -> Window:
    """The window around the instant, microseconds UTC. The zone is one that ``time_zone`` knows."""
    if kind == "total":
        return TOTAL
    rules = time_zone(zone)
    within = min(max(instant, _EARLIEST), _LATEST)
    first = _first_day(kind, (_EPOCH + timedelta(microseconds=within)).astimezone(rules).date())
    window = _window_from(kind, zone, first)
    # Where clocks went back across midnight, an instant after the later midnight still shows the day before.
    while instant >= window.end and instant <= _LATEST:
        first = _next(kind, first)
        window = _window_from(kind, zone, first)
    return window


@lru_cache(maxsize=4_096)
def _window_from(kind: WindowKind, zone: str, first: date) -> Window:
    rules = time_zone(zone)
    return Window(_midnight(first, rules), _midnight(_next(kind, first), rules))


def _first_day(kind: WindowKind, day: date) -> date:
    if kind == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind == "month" else day


def _next(kind: WindowKind, first: date) -> date:
    if kind == "week":
        return first + timedelta(days=7)
    if kind == "month":
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first + timedelta(days=1)


def _midnight(day: date, rules: ZoneInfo) -> int:
    """The instant at which the day begins: of two midnights the first, and where there is none, when it is passed."""
    local = datetime(day.year, day.month, day.day, tzinfo=rules)
    return (local - _EPOCH) // _MICROSECOND
