"""Cursors of lists that go back in history: by position, and by place within the event there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypedDict

from usage_ledger_views.reading.page import cursor_after, key_of

_BEYOND_ALL: Final = (2**63 - 1, 2**31 - 1)


class Placed(Protocol):
    """An item of a list, by where history has it."""

    @property
    def position(self) -> int: ...
    @property
    def place(self) -> int: ...


class Place(TypedDict):
    """The parameters of a statement that lists what lies before."""

    position: int
    place: int


def place_before(after: str | None) -> Place:
    """Where the page before ended; beyond everything without one. Raises InvalidCursor."""
    position, place = key_of(after, tuple[int, int]) if after else _BEYOND_ALL
    return Place(position=position, place=place)


def next_place(items: Sequence[Placed]) -> str:
    """The cursor that goes on after the last of them."""
    return cursor_after((items[-1].position, items[-1].place))
