"""Which lots paid for which line of an event: its allocations read line by line (C4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.events import Allocation


def parts_by_line(charges: Sequence[int], allocations: Iterable[Allocation]) -> list[tuple[LotAmount, ...]]:
    """What each line drew, in the order it drew it; ``charges`` are the lines' nano-units, in order.

    Lines draw in their order and a range's amount is what its lines drew. A platform's own account draws nothing.
    """
    parts: list[list[LotAmount]] = [[] for _ in charges]
    line, missing = -1, 0
    for allocation in allocations:
        left = allocation.amount
        while left:
            while not missing:
                line += 1
                missing = charges[line]
            taken = min(left, missing)
            parts[line].append(LotAmount(allocation.lot, taken))
            left, missing = left - taken, missing - taken
    return [tuple(drawn) for drawn in parts]
