"""Reads the numbers of one price: exact femto-units, whether any was rounded, and how many there are (M6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_ledger.money import FEMTO, parse_price
from usage_ledger.pricing.buckets import BUCKETS, TOKEN_BUCKETS
from usage_ledger.pricing.price_form import UnitPrice
from usage_ledger.refusals import InvalidInput

MILLION: Final = 1_000_000

MAX_NUMBERS: Final = 200
"""Of one price. It travels in every event that charges by it."""

MAX_FEMTO_PER_TOKEN: Final = 1_000 * FEMTO
"""A thousand currency units for one token: no list has that in any currency, a slip of the pen has it easily."""

_TOKENS: Final = frozenset(TOKEN_BUCKETS)


class PriceNumbers:
    """The numbers of one price as they are read. Every method raises ``InvalidInput`` with a pointer to the number."""

    def __init__(self) -> None:
        self.rounded = False
        self._count = 0

    def femto(self, text: str, per: int, pointer: str) -> int:
        """Femto-units a unit of a price for ``per`` units: ``invalid_price``, also for one number too many."""
        self._count += 1
        if self._count > MAX_NUMBERS:
            raise InvalidInput("invalid_price", f"a price has at most {MAX_NUMBERS} numbers", "/price")
        femto, rounded = parse_price(text, per, pointer)
        self.rounded |= rounded
        return femto

    def femto_per_unit(self, bucket: str, text: str, per: int, pointer: str) -> int:
        """Of a bucket: ``unknown_unit``, ``invalid_price``, ``price_absurd``."""
        require_bucket(bucket, pointer)
        femto = self.femto(text, per, pointer)
        if bucket in _TOKENS and femto > MAX_FEMTO_PER_TOKEN:
            raise InvalidInput("price_absurd", "a token costs at most 1000 currency units", pointer)
        return femto

    def per_million(self, prices: Mapping[str, str], pointer: str) -> tuple[UnitPrice, ...]:
        """Sorted by bucket."""
        read = [
            UnitPrice(bucket, self.femto_per_unit(bucket, text, MILLION, f"{pointer}/{bucket}"))
            for bucket, text in prices.items()
        ]
        return tuple(sorted(read, key=lambda price: price.bucket))


def require_bucket(bucket: str, pointer: str) -> None:
    """Raises ``InvalidInput('unknown_unit')`` for a bucket that U7 does not name."""
    if bucket not in BUCKETS:
        raise InvalidInput("unknown_unit", "no such bucket", pointer)
