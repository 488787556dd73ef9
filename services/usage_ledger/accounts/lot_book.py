"""Every lot that an account ever had: what is left burns in order, what is drained stays findable for reversals."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from usage_ledger.accounts.burn_down import Lot, burn_order
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import Allocation
from usage_ledger.timeline import END

_FEW: Final = 8


class LotBook(msgspec.Struct):
    """The state of an account's lots; it only does what events say. Amounts in nano-units, microseconds UTC."""

    open: list[Lot] = []
    """Those with something left, in burn-down order (C3)."""
    drained: dict[str, Lot] = {}
    """Those without a remainder, by name: what is given back returns to them (C12)."""
    first_expiry: int = END
    """The earliest expiry of an open lot; ``END`` if none expires."""
    next_expiry: int = END
    """The same of those whose turn to expire is still to come."""
    turns_until: int = 0
    """Lots that expire at or before this had their turn: what is left of them is kept for open holds (C7)."""
    next_rollover: int = END
    """The earliest expiry of an open lot of which a part rolls over then (C10)."""

    def add(self, lot: Lot) -> None:
        insort(self.open, lot, key=burn_order)
        self.first_expiry = min(self.first_expiry, _expiry(lot))
        if _expiry(lot) > self.turns_until:
            self.next_expiry = min(self.next_expiry, _expiry(lot))
        if lot.rollover is not None:
            self.next_rollover = min(self.next_rollover, _expiry(lot))

    def draw(self, parts: Sequence[Allocation | LotAmount]) -> None:
        """Take from lots what a charge was allocated to; a part without a lot took from none."""
        empty = False
        # A charge of few lots finds them at the front; one of very many would walk the whole list for each.
        by_name = {lot.lot: lot for lot in self.open} if len(parts) > _FEW else {}
        for part in parts:
            if part.lot is not None:
                lot = by_name.get(part.lot) or self.lot(part.lot)
                lot.remaining -= part.amount
                empty |= lot.remaining == 0
        if empty:
            self.drained.update((lot.lot, lot) for lot in self.open if not lot.remaining)
            self.open = [lot for lot in self.open if lot.remaining]
            self._find_next()

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
        self.lot(name).rollover = None
        self._find_next()

    def end_turns(self, until: int) -> None:
        """Credit comes in: lots that expire at or before ``until`` had their turn before it, and keep what is left."""
        self.turns_until = max(self.turns_until, until)
        if self.next_expiry <= until:
            self._find_next()

    def expiring(self, now: int) -> list[Lot]:
        """Open lots whose turn to expire has come at ``now``, by expiry, then by the event that brought them."""
        return [lot for lot in self.expired(now) if _expiry(lot) > self.turns_until] if self.next_expiry <= now else []

    def expired(self, now: int) -> list[Lot]:
        """All open lots at or past their expiry, those that had their turn too; in the same order."""
        if self.first_expiry > now:
            return []
        return sorted((lot for lot in self.open if _expiry(lot) <= now), key=lambda lot: (_expiry(lot), lot.version))

    def _find_next(self) -> None:
        expiries = [_expiry(lot) for lot in self.open]
        self.first_expiry = min(expiries, default=END)
        self.next_expiry = min((expiry for expiry in expiries if expiry > self.turns_until), default=END)
        self.next_rollover = min((_expiry(lot) for lot in self.open if lot.rollover is not None), default=END)


def _expiry(lot: Lot) -> int:
    return END if lot.expires_at is None else lot.expires_at
