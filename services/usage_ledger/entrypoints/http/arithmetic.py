"""How a line's quantities became its amount, written out so that it can be followed with a pencil. Integers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from usage_ledger.accounts.events import LineDetail, PriceBasis
from usage_ledger.entrypoints.http.price_terms import Term, format_femto, price_terms
from usage_ledger.money import format_amount, half_even_to_nano
from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.margin import AT_COST, margin_ratio


class Arithmetic(msgspec.Struct, frozen=True, omit_defaults=True):
    """``exact`` is the sum of the terms, before the margin; ``rounded`` is what ``half_even_to_nano`` makes of it (M4).

    ``minimum_charge`` is what it was raised to, where it was (U9, U10).
    """

    terms: list[Term]
    exact: str
    rounded: str
    text: str
    margin: Margin | None = None
    minimum_charge: str | None = None


class DrawnFrom(msgspec.Struct, frozen=True):
    """A part of the charge; ``lot`` null is the shortfall: overdraft, or the unbilled receivable."""

    lot: str | None
    amount: str


def arithmetic(buckets: Mapping[str, int], basis: PriceBasis, detail: LineDetail, currency: str) -> Arithmetic | None:
    """The price applied to the line; None where no price was (P5-P7)."""
    terms = price_terms(buckets, basis, detail)
    if not terms and basis.charge is None:
        return None
    exact = sum([femto for _, femto in terms])
    margin = basis.detail.margin if basis.detail else None
    factor, divisor = margin_ratio(margin) if margin else AT_COST
    minimum = _minimum(basis, detail)
    rounded = format_amount(half_even_to_nano(exact * factor, divisor)) if minimum is None else minimum
    shown = [term for term, _ in terms]
    text = _written_out(shown, format_femto(exact), margin, minimum, rounded)
    return Arithmetic(shown, format_femto(exact), rounded, f"{text} {currency}", margin, minimum)


def _minimum(basis: PriceBasis, detail: LineDetail) -> str | None:
    nano = basis.detail.minimum_charge if basis.detail else None
    is_applied = detail.rating is not None and detail.rating.minimum_applied
    return format_amount(nano) if is_applied and nano is not None else None


def _written_out(terms: Iterable[Term], exact: str, margin: Margin | None, minimum: str | None, rounded: str) -> str:
    sums = " + ".join(_product(term) for term in terms) or "nothing"
    put_on = "" if margin is None else f", {_put_on(margin)}"
    if minimum is not None:
        return f"{sums} = {exact}{put_on}, raised to the minimum: {rounded}"
    return f"{sums} = {exact}{put_on}, rounded half-even to nano-units: {rounded}"


def _put_on(margin: Margin) -> str:
    return f"x {margin.value}" if margin.type == "multiplier" else f"+ {margin.value} %"


def _product(term: Term) -> str:
    if term.unit_price is not None:
        return f"{term.quantity} x {term.unit_price}"
    after = "" if term.before is None else f" after {term.before}"
    return f"{term.quantity} {term.bucket}{after} by tiers: {term.amount}"
