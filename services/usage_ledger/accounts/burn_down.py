"""Which credit a charge takes first, and which lines of a batch drew from which lot (C1-C4). Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from usage_ledger.accounts.chart_of_accounts import GRANT_SOURCES
from usage_ledger.accounts.events import Allocation, Rollover

DEFAULT_PRIORITY: Final = 50
"""Of a lot for which nobody chose one (C1)."""

_NEVER: Final = 2**63
_UNBOUNDED: Final = 2**127


class Lot(msgspec.Struct, array_like=True):
    """Credit that came in at once (C1). Amounts in nano-units, times in microseconds UTC.

    ``version`` is that of the event which brought it: the stream's own sequence, the last tie-break of C3.
    ``rollover`` is what is left to be done with it at its expiry before the rest expires (C10).
    """

    lot: str
    kind: str
    amount: int
    remaining: int
    priority: int
    effective_at: int
    expires_at: int | None
    recorded_at: int
    version: int
    rollover: Rollover | None = None


def burn_order(lot: Lot) -> tuple[int, int, bool, int, int, int]:
    """Sorts lots as they burn: priority, expiry (none last), promotional first, effective, recorded, event (C3)."""
    expires_at = _NEVER if lot.expires_at is None else lot.expires_at
    is_paid = lot.kind not in GRANT_SOURCES
    return lot.priority, expires_at, is_paid, lot.effective_at, lot.recorded_at, lot.version


def allocate(amounts: Sequence[int], lots: Iterable[Lot]) -> tuple[Allocation, ...]:
    """Fill the lines in their order from lots in theirs, then from the shortfall account (C4).

    ``amounts`` are the lines' charges in nano-units, none below zero. A line of zero belongs to no range, so it ends
    one; a line that drains a lot stands in the ranges of both lots.
    """
    ranges: list[Allocation] = []
    sources = _sources(lots)
    lot, left = next(sources)
    first, taken = 0, 0
    for line, amount in enumerate(amounts):
        if amount == 0:
            _close(ranges, first, line - 1, lot, taken)
            first, taken = line + 1, 0
            continue
        missing = amount
        while missing > left:
            _close(ranges, first, line if left else line - 1, lot, taken + left)
            missing -= left
            lot, left = next(sources)
            first, taken = line, 0
        taken += missing
        left -= missing
    _close(ranges, first, len(amounts) - 1, lot, taken)
    return tuple(ranges)


def _sources(lots: Iterable[Lot]) -> Iterator[tuple[str | None, int]]:
    for lot in lots:
        yield lot.lot, lot.remaining
    yield None, _UNBOUNDED


def _close(ranges: list[Allocation], first: int, last: int, lot: str | None, taken: int) -> None:
    if taken:
        ranges.append(Allocation(first, last, lot, taken))
