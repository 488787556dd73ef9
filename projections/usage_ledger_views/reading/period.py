"""Which part of history a list is about, and where its pages go on: newest first, by time of recording."""

from __future__ import annotations

from typing import Final, TypedDict

import msgspec

from usage_ledger_views.reading.page import key_of

LARGEST: Final = 2**63 - 1


class Period(msgspec.Struct, frozen=True):
    """[``start``, ``end``) of recorded_at, microseconds UTC."""

    start: int = 0
    end: int = LARGEST


ALWAYS: Final = Period()


class Bounds(TypedDict):
    """The parameters of a statement that lists a page of a period. ``before_…`` is where the page before ended."""

    start: int
    end: int
    before_recorded_at: int
    before_position: int


def bounds(period: Period, after: str | None) -> Bounds:
    """Times and positions go up together within a shard. Raises InvalidCursor."""
    recorded_at, position = key_of(after, tuple[int, int]) if after else (LARGEST, LARGEST)
    return Bounds(start=period.start, end=period.end, before_recorded_at=recorded_at, before_position=position)
