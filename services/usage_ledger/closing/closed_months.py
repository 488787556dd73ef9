"""Which accounting months are closed, and where usage of them is posted to (U6)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from usage_ledger.closing.events import MonthClosed
from usage_ledger.months import first_instant, month_of, next_month
from usage_ledger.recorded_event import EventPayload
from usage_ledger.timeline import BEGINNING, END


class Posting(NamedTuple):
    """The month that usage is posted to in place of its own, None for its own.

    The same for every occurred_at in [``since``, ``until``), microseconds UTC.
    """

    month: str | None
    since: int
    until: int


class ClosedMonths:
    """State of the stream of months, one of the facts that every shard reads."""

    __slots__ = ("_last_end", "closed", "version")

    def __init__(self) -> None:
        self.version = 0
        self.closed: set[str] = set()
        self._last_end = BEGINNING

    def posting(self, occurred_at: int) -> Posting:
        """After the last month that was closed, nearly always, there is nothing to look up."""
        if occurred_at >= self._last_end:
            return Posting(None, self._last_end, END)
        month = month_of(occurred_at)
        since, until = first_instant(month), first_instant(next_month(month))
        open_month = month
        while open_month in self.closed:
            open_month = next_month(open_month)
        return Posting(None if open_month == month else open_month, min(since, occurred_at), until)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        if isinstance(payload, MonthClosed):
            self._close(payload.month)

    def snapshot(self) -> bytes:
        """State as bytes for ``restore``; the version travels beside it."""
        return msgspec.msgpack.encode(sorted(self.closed))

    @classmethod
    def restore(cls, state: bytes, version: int) -> ClosedMonths:
        """What ``snapshot`` saw."""
        months = cls()
        months.version = version
        for month in msgspec.msgpack.decode(state, type=list[str]):
            months._close(month)
        return months

    def _close(self, month: str) -> None:
        self.closed.add(month)
        self._last_end = max(self._last_end, first_instant(next_month(month)))
