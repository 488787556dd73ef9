"""The cost that a gateway reports: decimal text to femto-units, exactly (U8)."""

from __future__ import annotations

import re
from typing import Final

from usage_ledger.accounts.events import ReportedCost
from usage_ledger.money import half_even_to_nano
from usage_ledger.usage.item import ReportedMoney

PLACES: Final = 15
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]{1,15}))?")
_MAX_FEMTO: Final = 2**63 - 1


def read_reported_cost(money: ReportedMoney) -> ReportedCost | str:
    """The cost in femto-units; or the code of the item's problem (U5).

    ``invalid_quantity``: negative, an exponent, more than 15 places, no number.
    ``amount_out_of_range``: beyond 64 bits of femto-units.
    """
    found = _DECIMAL.fullmatch(money.amount)
    if found is None:
        return "invalid_quantity"
    femto = int(found[1] + (found[2] or "").ljust(PLACES, "0"))
    return ReportedCost(femto, money.currency) if femto <= _MAX_FEMTO else "amount_out_of_range"


def at_risk(cost: ReportedCost | None) -> tuple[int | None, str | None]:
    """Nano-units and currency of what usage that is not booked may come to cost; unknown where nothing was reported."""
    return (None, None) if cost is None else (half_even_to_nano(cost.femto), cost.currency)
