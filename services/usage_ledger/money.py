"""Money as integers: amounts in nano-units, prices in femto-units, and the only rounding rule there is (M1-M6).

This module knows no account, no currency exchange and no floating point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from usage_ledger.refusals import InvalidInput, Refusal

NANO: Final = 10**9
"""Nano-units of one currency unit (M1)."""

FEMTO: Final = 10**15
"""Femto-units of one currency unit (M6)."""

MAX_NANO: Final = 2**63 - 1
MIN_NANO: Final = -(2**63)

_NANO_PLACES: Final = 9
_MAX_TEXT: Final = 64
_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")

_WITHOUT_MINOR_UNIT: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_IN_THOUSANDTHS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def parse_amount(text: str, pointer: str = "") -> int:
    """Nano-units of decimal text such as ``"0.195"``; ``pointer`` says where in the body it stood (M3).

    Raises ``InvalidInput``: ``invalid_amount`` (exponent, grouping, plus sign, anything but digits),
    ``amount_too_precise`` (more than 9 decimals), ``amount_out_of_range`` (beyond 64 bits).
    """
    sign, whole, decimals = _split(text, "invalid_amount", pointer)
    if len(decimals) > _NANO_PLACES:
        raise InvalidInput("amount_too_precise", f"an amount has at most {_NANO_PLACES} decimals", pointer)
    nano = _nano(sign, whole, decimals)
    if not MIN_NANO <= nano <= MAX_NANO:
        raise InvalidInput("amount_out_of_range", "the amount does not fit 64 bits of nano-units", pointer)
    return nano


def parse_price(text: str, per: int, pointer: str = "") -> tuple[int, bool]:
    """Femto-units per unit of a price written for ``per`` units, and whether rounding was needed (M6).

    Raises ``InvalidInput('invalid_price')`` for anything but a non-negative decimal that fits 64 bits.
    """
    sign, whole, decimals = _split(text, "invalid_price", pointer)
    scale = 10 ** len(decimals) * per
    exact = int(whole + decimals) * FEMTO
    femto = _divide_half_even(exact, scale)
    if sign or femto > MAX_NANO:
        raise InvalidInput("invalid_price", "a price is not negative and fits 64 bits of femto-units a unit", pointer)
    return femto, exact % scale != 0


def format_amount(nano: int) -> str:
    """Decimal text without trailing zeros, but with two decimals at least: ``"5.00"``, ``"0.000000001"`` (M3)."""
    whole, part = divmod(abs(nano), NANO)
    decimals = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nano < 0 else ''}{whole}.{decimals}"


def sum_amounts(texts: Iterable[str]) -> str:
    """Decimal text of the sum of amounts as ``format_amount`` writes them; over accounts it has no upper limit (M2)."""
    return format_amount(sum([_nano(*_split(text, "invalid_amount", "")) for text in texts]))


def half_even_to_nano(femto: int, divisor: int = 1) -> int:
    """The one rounding of money: an exact femto amount to nano-units, ties to the even neighbour (M4).

    ``divisor`` is what is left of an exact ratio: the amount is ``femto / divisor``.
    """
    return _divide_half_even(femto, 1_000_000 * divisor)


def split_pool(pool: int, receivers: int) -> tuple[int, int]:
    """Share of each receiver, and what stays with the payer; nano-units (M5)."""
    return divmod(pool, receivers)


def check_range(nano: int) -> int:
    """The same amount, if it fits signed 64 bits; else ``Refusal('amount_out_of_range')`` (M2)."""
    if MIN_NANO <= nano <= MAX_NANO:
        return nano
    raise Refusal(
        "amount_out_of_range", "the result does not fit 64 bits of nano-units", {"amount": format_amount(nano)}
    )


def minor_unit_nano(currency: str) -> int:
    """Nano-units of the smallest amount that a payment processor takes: a cent of USD, a yen of JPY (M8)."""
    if currency in _WITHOUT_MINOR_UNIT:
        return NANO
    return NANO // (1000 if currency in _IN_THOUSANDTHS else 100)


def _split(text: str, code: str, pointer: str) -> tuple[str, str, str]:
    found = _AMOUNT.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if found is None:
        raise InvalidInput(code, 'expected decimal text such as "12.50"', pointer)
    return found[1], found[2], found[3] or ""


def _nano(sign: str, whole: str, decimals: str) -> int:
    nano = int(whole + decimals.ljust(_NANO_PLACES, "0"))
    return -nano if sign else nano


def _divide_half_even(numerator: int, denominator: int) -> int:
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient
