"""Every lot that an account ever had: what is left burns in order, what is drained stays findable for reversals."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from usage_ledger.accounts.burn_down import Lot, burn_order
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import Allocation
from usage_ledger.timeline import END

_FEW: Final = 8

Turn = tuple[int, int, str]
"""When a lot expires (microseconds UTC), the version of the event that brought it, and its name: the order of C6."""


class LotBook(msgspec.Struct):
    """The state of an account's lots; it only does what events say. Amounts in nano-units, microseconds UTC."""

    open: list[Lot] = []
    """Those with something left, in burn-down order (C3)."""
    drained: dict[str, Lot] = {}
    """Those without a remainder, by name: what is given back returns to them (C12)."""
    turns: list[Turn] = []
    """One an open lot that expires, the first to expire first."""
    rollovers: list[Turn] = []
    """Those of which a part rolls over then (C10)."""
    turns_until: int = 0
    """Lots that expire at or before this had their turn: what is left of them is kept for open holds (C7)."""

    @property
    def next_expiry(self) -> int:
        """The earliest expiry of an open lot whose turn is still to come; ``END`` if there is none."""
        return _time_of(self._next_turn) if self.turns else END

    @property
    def next_rollover(self) -> int:
        """The earliest expiry of an open lot of which a part rolls over; ``END`` if there is none."""
        return _time_of(self.rollovers[0]) if self.rollovers else END

    def add(self, lot: Lot) -> None:
        insort(self.open, lot, key=burn_order)
        if lot.expires_at is not None:
            insort(self.turns, _turn(lot, lot.expires_at))
            if lot.rollover is not None:
                insort(self.rollovers, _turn(lot, lot.expires_at))

    def draw(self, parts: Sequence[Allocation | LotAmount]) -> None:
        """Take from lots what a charge was allocated to; a part without a lot took from none."""
        # A charge of few lots finds them at the front; one of very many would walk the whole list for each.
        by_name = {lot.lot: lot for lot in self.open} if len(parts) > _FEW else {}
        for part in parts:
            if part.lot is not None:
                lot = by_name.get(part.lot) or self.lot(part.lot)
                lot.remaining -= part.amount
                if not lot.remaining:
                    self._drain(lot)

    def refill(self, parts: Iterable[LotAmount]) -> None:
        """Put back into lots what a reversal returns to them (C12); each part names a lot."""
        for part in parts:
            empty = self.drained.pop(part.lot or "", None)
            if empty is not None:
                self.add(empty)
            self.lot(part.lot or "").remaining += part.amount

    def lot(self, name: str) -> Lot:
        """The lot of this name, open or drained. Raises KeyError if the account never had it."""
        for lot in self.open:
            if lot.lot == name:
                return lot
        return self.drained[name]

    def rolled_over(self, name: str) -> None:
        """What was to roll over did: the rest of the lot expires."""
        lot = self.lot(name)
        _remove(self.rollovers, lot)
        lot.rollover = None

    def end_turns(self, until: int) -> None:
        """Credit comes in: lots that expire at or before ``until`` had their turn before it, and keep what is left."""
        self.turns_until = max(self.turns_until, until)

    def expiring(self, now: int) -> Lot | None:
        """The first open lot whose turn to expire has come at ``now``."""
        return self.lot(self._next_turn[2]) if self.next_expiry <= now else None

    def rolling(self, now: int) -> Lot | None:
        """The first open lot of which a part is to roll over at ``now``."""
        return self.lot(self.rollovers[0][2]) if self.next_rollover <= now else None

    def expired(self, now: int) -> list[Lot]:
        """All open lots at or past their expiry, those that had their turn too, in the order of it."""
        names = [name for _, _, name in self.turns[: bisect_left(self.turns, (now + 1,))]]
        by_name = {lot.lot: lot for lot in self.open} if names else {}
        return [by_name[name] for name in names]

    @property
    def _next_turn(self) -> Turn:
        place = bisect_left(self.turns, (self.turns_until + 1,))
        return self.turns[place] if place < len(self.turns) else (END, 0, "")

    def _drain(self, lot: Lot) -> None:
        place = bisect_left(self.open, burn_order(lot), key=burn_order)
        while self.open[place] is not lot:  # lots of one transfer burn in any order
            place += 1
        del self.open[place]
        self.drained[lot.lot] = lot
        _remove(self.turns, lot)
        _remove(self.rollovers, lot)


def _turn(lot: Lot, expires_at: int) -> Turn:
    return expires_at, lot.version, lot.lot


def _time_of(turn: Turn) -> int:
    return turn[0]


def _remove(turns: list[Turn], lot: Lot) -> None:
    """Its turn, if it has one."""
    if lot.expires_at is not None and turns:
        turn = _turn(lot, lot.expires_at)
        place = bisect_left(turns, turn)
        if turns[place : place + 1] == [turn]:
            del turns[place]
