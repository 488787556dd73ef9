"""What prices the usage of one account and model at one time, made ready for every line that shares it."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from usage_ledger.pricing.events import LineOutcome, PriceBasis, PriceDetail
from usage_ledger.pricing.margin import AT_COST, Ratio
from usage_ledger.pricing.policy import Policy
from usage_ledger.pricing.price_version import PriceVersion
from usage_ledger.pricing.ready_price import ReadyPrice
from usage_ledger.pricing.unit_prices import UnitPrices

Span = tuple[int, int]
"""[since, until), microseconds UTC."""


class Choice(msgspec.Struct, frozen=True):
    """``charge`` is None when usage cannot be charged, for ``reason``; ``cost`` None is unknown.

    The answer is the same for every occurred_at in [``holds_from``, ``holds_to``), microseconds UTC. ``basis`` is the
    record of it that an event carries. ``charge_price`` and ``cost_price`` are the versions' prices of that time of
    day; ``margin`` is the exact factor on the charge. ``plain`` is set where a charge is nothing but quantities times
    prices and nothing is counted, which is nearly always. Of ``period_buckets`` rating needs to know how much there was
    before in the month. ``is_cost_plus``: what is charged is the cost, with a margin. ``byok_fee`` (nano-units) is
    charged in place of any price, zero where the choice is not for a fee.
    """

    charge: PriceVersion | None
    cost: PriceVersion | None
    reason: LineOutcome
    basis: PriceBasis
    holds_from: int
    holds_to: int
    policy: Policy
    plain: UnitPrices | None
    charge_price: ReadyPrice | None
    cost_price: ReadyPrice | None
    margin: Ratio
    period_buckets: frozenset[str]
    is_cost_plus: bool
    byok_fee: int = 0


def choice_of(
    charge: PriceVersion | None,
    cost: PriceVersion | None,
    reason: LineOutcome,
    policy: Policy,
    basis: PriceBasis,
    occurred_at: int,
    span: Span,
) -> Choice:
    """The choice, for as much of ``span`` around ``occurred_at`` as no time window begins or ends in."""
    charge_price = charge.ready_at(occurred_at) if charge else None
    cost_price = cost.ready_at(occurred_at) if cost else None
    margin = margin_on(charge, policy)
    period_buckets = _period_buckets(charge_price, cost_price)
    holds_from, holds_to = common_span(
        span, *[version.span_of_window(occurred_at) for version in (charge, cost) if version]
    )
    return Choice(
        charge=charge,
        cost=cost,
        reason=reason,
        basis=basis,
        holds_from=holds_from,
        holds_to=holds_to,
        policy=policy,
        plain=None if period_buckets else _plain(charge_price, margin, policy),
        charge_price=charge_price,
        cost_price=cost_price,
        margin=margin,
        period_buckets=period_buckets,
        is_cost_plus=charge is not None and charge is cost,
    )


def price_basis(
    model: str,
    answered: str,
    provider: str | None,
    charge: PriceVersion | None,
    cost: PriceVersion | None,
    policy: Policy,
) -> PriceBasis:
    """What an event says of the price: of ``model``, by whose prices usage of the model that ``answered`` is rated."""
    detail = PriceDetail(
        margin=policy.margin if charge and charge.published.list == "cost" else None,
        minimum_charge=policy.minimum_charge or None if charge else None,
        charge_failed=policy.charge_failed,
        mapped_from=answered if answered != model else None,
    )
    used = charge.used if charge else None
    return PriceBasis(model, provider, used, cost.used if cost else None, detail if detail != _NO_DETAIL else None)


def for_fee(choice: Choice) -> Choice:
    """The choice for usage with the customer's own key: the fee is charged, whatever the price; or nothing (U8)."""
    basis = choice.basis
    detail = PriceDetail(
        byok_fee=choice.policy.byok_fee,
        charge_failed=choice.policy.charge_failed,
        mapped_from=basis.detail.mapped_from if basis.detail else None,
    )
    return replace(
        choice,
        charge=None,
        reason="byok",
        basis=replace(basis, charge=None, detail=detail),
        plain=None,
        charge_price=None,
        period_buckets=_period_buckets(choice.cost_price),
        is_cost_plus=False,
        byok_fee=choice.policy.byok_fee,
    )


def is_for_fee(basis: PriceBasis) -> bool:
    """Whether a line of this price was charged a fee in place of it."""
    return basis.charge is None and basis.detail is not None and basis.detail.byok_fee is not None


def is_stated(basis: PriceBasis) -> bool:
    """Whether a line of this price is an amount that a settlement named, which no price list knows (H5)."""
    return basis.charge is not None and basis.charge.list == "stated"


def margin_on(charge: PriceVersion | None, policy: Policy) -> Ratio:
    """A margin is put on cost prices only (U9)."""
    if charge is None or charge.published.list != "cost":
        return AT_COST
    return policy.ratio or AT_COST


def common_span(*spans: Span) -> Span:
    return max([since for since, _ in spans]), min([until for _, until in spans])


_NO_DETAIL = PriceDetail()


def _plain(charge_price: ReadyPrice | None, margin: Ratio, policy: Policy) -> UnitPrices | None:
    if charge_price is None or not charge_price.is_plain or margin != AT_COST or policy.minimum_charge:
        return None
    return charge_price.prices


def _period_buckets(*prices: ReadyPrice | None) -> frozenset[str]:
    return frozenset([bucket for price in prices if price for bucket in price.period_buckets])
