"""From counts to an amount: exact until one rounding at the end (M4, P5, U8-U11). Integers only."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from usage_ledger.money import check_range, half_even_to_nano
from usage_ledger.pricing.choice import Choice
from usage_ledger.pricing.events import LineOutcome
from usage_ledger.pricing.exact_amount import NOTHING_BEFORE, Before, Consumed, Exact, Others, exact_amount
from usage_ledger.pricing.rating_detail import RatingDetail
from usage_ledger.pricing.ready_price import ReadyPrice
from usage_ledger.pricing.unit_prices import exact_femto

Rated = tuple[int, LineOutcome, RatingDetail | None]
"""Nano-units to charge, zero unless the outcome is ``charged``; and which parts of the price led to it, if any did."""

_FEMTO_PER_NANO: Final = 1_000_000
_MINIMUM: Final = RatingDetail(minimum_applied=True)


def rate(
    choice: Choice,
    input_: int,
    cache_read: int,
    output: int,
    others: Others = (),
    reported_femto: int | None = None,
    before: Before = NOTHING_BEFORE,
) -> tuple[int, LineOutcome]:
    """Nano-units to charge for these counts, and the line's outcome (U11); zero when it is not ``charged``.

    Raises ``Refusal('amount_out_of_range')`` when the charge passes 64 bits.
    """
    return rate_line(choice, input_, cache_read, output, others, reported_femto, before)[:2]


def rate_line(
    choice: Choice,
    input_: int,
    cache_read: int,
    output: int,
    others: Others = (),
    reported_femto: int | None = None,
    before: Before = NOTHING_BEFORE,
) -> Rated:
    """As ``rate``, with the parts of the price. ``reported_femto`` is the reported cost in the charge's currency.

    ``before`` is needed for the choice's ``period_buckets``: how much there was of them in the month.
    """
    plain = choice.plain
    if plain is None:
        return _rate_formed(choice, Consumed(input_, cache_read, output, others, reported_femto, before))
    femto = exact_femto(plain, input_, cache_read, output, others)
    if femto is None:
        return 0, "bucket_unpriced", None
    if femto == 0:
        has_usage = input_ or cache_read or output or any(count for _, count in others)
        return 0, "price_zero" if has_usage else "no_usage", None
    nano = check_range(half_even_to_nano(femto))
    return nano, "charged" if nano else "rounds_to_zero", None


def provider_cost(
    choice: Choice,
    input_: int,
    cache_read: int,
    output: int,
    others: Others = (),
    reported_femto: int | None = None,
    before: Before = NOTHING_BEFORE,
) -> int | None:
    """Nano-units that the provider takes: by its list price, else as reported, else unknown (U8).

    ``reported_femto`` is the reported cost in the currency of the list.
    """
    price = choice.cost_price
    femto: int | LineOutcome | None = None
    if price is not None and price.is_plain:
        femto = exact_femto(price.prices, input_, cache_read, output, others)
    elif price is not None:
        femto, _ = exact_amount(price, Consumed(input_, cache_read, output, others, reported_femto, before))
    if not isinstance(femto, int):
        femto = reported_femto
    return None if femto is None else check_range(half_even_to_nano(femto))


def rate_cost_plus(
    choice: Choice,
    input_: int,
    cache_read: int,
    output: int,
    others: Others = (),
    reported_femto: int | None = None,
    before: Before = NOTHING_BEFORE,
) -> tuple[Rated, int | None]:
    """``rate_line`` and ``provider_cost`` of a choice that is cost plus: the exact cost is worked out once for both."""
    price = choice.charge_price
    if price is None:
        return (0, choice.reason, None), None
    consumed = Consumed(input_, cache_read, output, others, reported_femto, before)
    exact = exact_amount(price, consumed)
    femto = exact[0] if isinstance(exact[0], int) else reported_femto
    cost = None if femto is None else check_range(half_even_to_nano(femto))
    return _rounded(choice, price, consumed, exact), cost


def _rate_formed(choice: Choice, consumed: Consumed) -> Rated:
    if choice.byok_fee:
        return choice.byok_fee, "charged", None
    price = choice.charge_price
    if price is None:
        return 0, choice.reason, None
    return _rounded(choice, price, consumed, exact_amount(price, consumed))


def _rounded(choice: Choice, price: ReadyPrice, consumed: Consumed, exact: Exact) -> Rated:
    """The margin on the exact amount, then the minimum; then the one rounding (U9, U10)."""
    femto, detail = exact
    if isinstance(femto, str):
        return 0, femto, None
    factor, divisor = choice.margin
    scaled = femto * factor
    if scaled == 0:
        is_empty = not price.takes_reported_cost and consumed.is_nothing()
        return 0, "no_usage" if is_empty else "price_zero", detail
    minimum = choice.policy.minimum_charge
    if scaled < minimum * _FEMTO_PER_NANO * divisor:
        return minimum, "charged", replace(detail, minimum_applied=True) if detail else _MINIMUM
    nano = check_range(half_even_to_nano(scaled, divisor))
    return nano, "charged" if nano else "rounds_to_zero", detail
