"""Rates counts by one price, told as people write it."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.pricing.published import MODEL, published
from usage_ledger.money import format_amount
from usage_ledger.pricing.choice import Choice
from usage_ledger.pricing.commands import PriceText
from usage_ledger.pricing.events import Margin
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.pricing.price_text import parse_price_text
from usage_ledger.pricing.rating import Rated, rate_line

ACCOUNT = ("acme", "main")
AT = 1_772_452_800_000_000  # 2026-03-02T12:00:00Z
SEARCHES = "searches"


def price_text(**forms: Any) -> PriceText:
    """As it stands in a body."""
    return msgspec.convert(forms, PriceText)


def policy(**settings: Any) -> PricingPolicySet:
    """Of all accounts and models, with nothing set, unless told otherwise."""
    plain: dict[str, Any] = dict.fromkeys(PricingPolicySet.__struct_fields__) | {"allow_below_cost": False}
    return PricingPolicySet(**plain | settings)


def multiplier(value: str) -> Margin:
    return Margin("multiplier", value)


def choice_of(*policies: PricingPolicySet, at: int = AT, price_list: str = "sell", **forms: Any) -> Choice:
    """What prices a usage by this price and these policies."""
    book = PriceBook()
    book.apply(published(list=price_list, price=parse_price_text(price_text(**forms))), 0)
    for each in policies:
        book.apply(each, 0)
    return book.choose(MODEL, None, "USD", ACCOUNT, at)


def rated(choice: Choice, before: dict[str, int] | None = None, reported: int | None = None, **counts: int) -> Rated:
    """The line of these counts; ``reported`` is the reported cost in femto-units."""
    frequent = [counts.pop(bucket, 0) for bucket in ("input", "cache_read", "output")]
    return rate_line(choice, *frequent, tuple(sorted(counts.items())), reported, before or {})


def charged(choice: Choice, **counts: Any) -> str:
    """Decimal text."""
    return format_amount(rated(choice, **counts)[0])
