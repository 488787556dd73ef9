"""What waits for the appender: single commands and batches, of which every other group takes single ones alone.

Whoever asks whether a call may be made is waiting for the answer, and would otherwise wait behind the usage of hundreds
of calls. Within a lane nobody overtakes anybody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def items(self) -> int: ...


J = TypeVar("J", bound=Sized)


class Lanes(Generic[J]):
    """``items`` are those of all that waits."""

    def __init__(self) -> None:
        self._singles: deque[J] = deque()
        self._batches: deque[J] = deque()
        self._is_batches_turn = False
        self.items = 0

    def __bool__(self) -> bool:
        return bool(self._singles or self._batches)

    def add_single(self, job: J) -> None:
        """One command that stands for itself."""
        self._singles.append(job)
        self.items += job.items

    def add_batch(self, jobs: Iterable[J]) -> None:
        """Commands that come in numbers, or in an order that matters."""
        for job in jobs:
            self._batches.append(job)
            self.items += job.items

    def take(self, most_items: int) -> list[J]:
        """The next group: as much as may be in one, at least one command of what waits."""
        taken: list[J] = []
        is_alone = bool(self._singles) and not self._is_batches_turn
        left = most_items
        for lane in (self._singles,) if is_alone else (self._batches, self._singles):
            left = _move(lane, taken, left)
        self._is_batches_turn = is_alone and bool(self._batches)
        self.items -= most_items - left
        return taken


def _move(lane: deque[J], taken: list[J], left: int) -> int:
    """Answers how many items more may be taken; below zero after a lone command larger than a group."""
    while lane and (not taken or lane[0].items <= left):
        taken.append(lane.popleft())
        left -= taken[-1].items
    return left
