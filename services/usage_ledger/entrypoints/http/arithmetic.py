"""How a line's quantities became its amount, written out so that it can be followed with a pencil. Integers only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from usage_ledger.accounts.events import Allocation, ChargeLine
from usage_ledger.money import format_amount, half_even_to_nano
from usage_ledger.pricing.events import PriceUsed

_FEMTO: Final = 10**15


class Term(msgspec.Struct, frozen=True):
    """Quantity times unit price; all prices and amounts are decimal text, exact."""

    bucket: str
    quantity: int
    unit_price: str
    amount: str


class Arithmetic(msgspec.Struct, frozen=True):
    """``exact`` is the sum of the terms, ``rounded`` what ``half_even_to_nano`` makes of it (M4)."""

    terms: list[Term]
    exact: str
    rounded: str
    text: str


class DrawnFrom(msgspec.Struct, frozen=True):
    """A part of the charge; ``lot`` null is the shortfall: overdraft, or the unbilled receivable."""

    lot: str | None
    amount: str


def arithmetic(buckets: Mapping[str, int], price: PriceUsed) -> Arithmetic:
    """The price applied to the buckets, and once per request where it says so (P5)."""
    unit_prices = {unit_price.bucket: unit_price.femto_per_unit for unit_price in price.unit_prices}
    counted = [(bucket, quantity, unit_prices[bucket]) for bucket, quantity in buckets.items() if bucket in unit_prices]
    if price.per_request_femto:
        counted.append(("request", 1, price.per_request_femto))
    exact = sum(quantity * femto for _, quantity, femto in counted)
    terms = [
        Term(bucket, quantity, format_femto(femto), format_femto(quantity * femto))
        for bucket, quantity, femto in counted
    ]
    rounded = format_amount(half_even_to_nano(exact))
    return Arithmetic(
        terms, format_femto(exact), rounded, _written_out(terms, format_femto(exact), rounded, price.currency)
    )


def drawn_from(lines: Iterable[ChargeLine], allocations: Iterable[Allocation], wanted: int) -> Iterator[DrawnFrom]:
    """The lots that paid for line ``wanted``: lines draw in order, and a range's amount is what its lines drew (C4)."""
    before = 0
    charged = 0
    for place, line in enumerate(lines):
        before += charged
        charged = line.charged
        if place == wanted:
            break
    return _overlaps(allocations, before, before + charged)


def format_femto(femto: int) -> str:
    """Decimal text of an exact amount, with two decimals at least and fifteen at most."""
    whole, part = divmod(femto, _FEMTO)
    return f"{whole}.{f'{part:015d}'.rstrip('0').ljust(2, '0')}"


def _overlaps(allocations: Iterable[Allocation], begin: int, end: int) -> Iterator[DrawnFrom]:
    drawn = 0
    for allocation in allocations:
        share = min(end, drawn + allocation.amount) - max(begin, drawn)
        if share > 0:
            yield DrawnFrom(allocation.lot, format_amount(share))
        drawn += allocation.amount


def _written_out(terms: Iterable[Term], exact: str, rounded: str, currency: str) -> str:
    products = " + ".join(f"{term.quantity} x {term.unit_price}" for term in terms) or "nothing"
    return f"{products} = {exact}, rounded half-even to nano-units: {rounded} {currency}"
