"""What is put on an exact cost: decimal text of a stated type to an exact ratio. Never guessed by its size (U9)."""

from __future__ import annotations

import re
from math import gcd
from typing import Final

from usage_ledger.pricing.events import Margin
from usage_ledger.refusals import InvalidInput

MAX_DIGITS: Final = 9
"""On either side of the point."""

_VALUE: Final = re.compile(rf"(-?)([0-9]{{1,{MAX_DIGITS}}})(?:\.([0-9]{{1,{MAX_DIGITS}}}))?")

Ratio = tuple[int, int]
"""Numerator and denominator, in lowest terms."""

AT_COST: Final[Ratio] = 1, 1


def margin_ratio(margin: Margin, pointer: str = "") -> Ratio:
    """The exact factor: ``multiplier`` "1.3" and ``percent`` "30" are both 13/10.

    Raises ``InvalidInput('invalid_margin')`` for anything but decimal text, and for a factor below zero.
    """
    found = _VALUE.fullmatch(margin.value)
    if found is None:
        raise InvalidInput("invalid_margin", 'expected decimal text such as "1.3"', pointer)
    sign, whole, decimals = found[1], found[2], found[3] or ""
    denominator = 10 ** len(decimals)
    value = int(f"{sign}{whole}{decimals}")
    if margin.type == "percent":
        value, denominator = 100 * denominator + value, 100 * denominator
    if value < 0:
        raise InvalidInput("invalid_margin", "a charge is never below zero", pointer)
    common = gcd(value, denominator)
    return value // common, denominator // common
