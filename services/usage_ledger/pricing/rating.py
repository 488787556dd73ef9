"""From counts to an amount: exact until one rounding at the end (M4, P5, U8, U11). Integers only."""

from __future__ import annotations

from collections.abc import Iterable

from usage_ledger.money import check_range, half_even_to_nano
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.pricing.price_book import Choice
from usage_ledger.pricing.price_version import PriceVersion


def rate(
    choice: Choice, input_: int, cache_read: int, output: int, others: Iterable[tuple[str, int]] = ()
) -> tuple[int, LineOutcome]:
    """Nano-units to charge for these counts, and the line's outcome (U11); zero when it is not ``charged``.

    Raises ``Refusal('amount_out_of_range')`` when the charge passes 64 bits.
    """
    price = choice.charge
    if price is None:
        return 0, choice.reason
    femto = exact_femto(price, input_, cache_read, output, others)
    if femto is None:
        return 0, "bucket_unpriced"
    if femto == 0:
        return 0, "price_zero" if input_ or cache_read or output or any(count for _, count in others) else "no_usage"
    nano = check_range(half_even_to_nano(femto))
    return nano, "charged" if nano else "rounds_to_zero"


def provider_cost(
    choice: Choice,
    input_: int,
    cache_read: int,
    output: int,
    others: Iterable[tuple[str, int]] = (),
    reported_femto: int | None = None,
) -> int | None:
    """Nano-units that the provider takes: by its list price, else as reported, else unknown (U8)."""
    femto = None if choice.cost is None else exact_femto(choice.cost, input_, cache_read, output, others)
    if femto is None:
        femto = reported_femto
    return None if femto is None else check_range(half_even_to_nano(femto))


def exact_femto(
    price: PriceVersion, input_: int, cache_read: int, output: int, others: Iterable[tuple[str, int]]
) -> int | None:
    """Quantity times price, summed, in femto-units; None when a bucket above zero has no price (U11).

    A missing price is never borrowed from another bucket.
    """
    femto = price.per_request
    if input_:
        if price.input is None:
            return None
        femto += input_ * price.input
    if cache_read:
        if price.cache_read is None:
            return None
        femto += cache_read * price.cache_read
    if output:
        if price.output is None:
            return None
        femto += output * price.output
    for bucket, quantity in others:
        if quantity:
            unit_price = price.other.get(bucket)
            if unit_price is None:
                return None
            femto += quantity * unit_price
    return femto
