"""The parts of one charge's explanation that are about its price and its cost (P5-P7, U8-U10)."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.accounts.events import ChargeLine, LineDetail, PriceBasis
from usage_ledger.entrypoints.http.price_terms import format_femto
from usage_ledger.money import format_amount
from usage_ledger.pricing.events import Margin, PriceDetail
from usage_ledger.pricing.rating_detail import RatingDetail, TierUsed

_NO_POLICY: Final = PriceDetail()
_NO_PARTS: Final = RatingDetail()


class Priced(msgspec.Struct, frozen=True):
    """Which price version was applied, and which parts of it the line met."""

    price_version: str | None
    list: str | None
    account_specific: bool | None
    mapped_from: str | None
    margin: Margin | None
    minimum_applied: bool
    threshold: int | None
    window: str | None
    tiers: tuple[TierUsed, ...]


class Costs(msgspec.Struct, frozen=True):
    """What the provider takes for it, as far as that is known; decimal text."""

    provider_cost: str | None
    cost_currency: str | None
    reported_cost: str | None
    suspense: str | None


def priced(basis: PriceBasis, detail: LineDetail) -> Priced:
    price, policy, rating = basis.charge, basis.detail or _NO_POLICY, detail.rating or _NO_PARTS
    return Priced(
        price_version=price.version or None if price else None,
        list=price.list if price else None,
        account_specific=price.account_specific if price else None,
        mapped_from=policy.mapped_from,
        margin=policy.margin,
        minimum_applied=rating.minimum_applied,
        threshold=rating.threshold_over,
        window=_window(rating),
        tiers=rating.tiers,
    )


def costs(line: ChargeLine, detail: LineDetail, basis: PriceBasis) -> Costs:
    return Costs(
        provider_cost=None if line.provider_cost is None else format_amount(line.provider_cost),
        cost_currency=_cost_currency(basis, detail),
        reported_cost=format_femto(detail.reported_cost.femto) if detail.reported_cost else None,
        suspense=None if detail.suspense is None else format_amount(detail.suspense),
    )


def _cost_currency(basis: PriceBasis, detail: LineDetail) -> str | None:
    """A cost is taken from the provider's list price, else as it was reported (U8)."""
    if basis.cost is not None:
        return basis.cost.currency
    return detail.reported_cost.currency if detail.reported_cost else None


def _window(rating: RatingDetail) -> str | None:
    if rating.window_from_s is None or rating.window_to_s is None:
        return None
    return f"{_time_of_day(rating.window_from_s)}-{_time_of_day(rating.window_to_s)}"


def _time_of_day(second: int) -> str:
    return f"{second // 3_600:02}:{second % 3_600 // 60:02}:{second % 60:02}"
