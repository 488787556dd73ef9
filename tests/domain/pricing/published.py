"""Price versions in few words."""

from __future__ import annotations

from typing import Any

from usage_ledger.pricing.events import Price, PriceVersionPublished
from usage_ledger.pricing.price_form import UnitPrice

MODEL = "acme/small"


def published(version: str = "v1", prices: dict[str, int] | None = None, **fields: Any) -> PriceVersionPublished:
    """A general sell price in USD from instant 0 on, of 1 femto an input token, unless told otherwise."""
    unit_prices = tuple(UnitPrice(*each) for each in sorted((prices or {"input": 1}).items()))
    plain: dict[str, Any] = {
        "model": MODEL,
        "provider": None,
        "list": "sell",
        "currency": "USD",
        "account_tenant": None,
        "account_id": None,
        "effective_from": 0,
        "effective_to": None,
        "price": Price(unit_prices, fields.pop("per_request", None), rounded_at_import=False),
        "reason": "list",
    }
    return PriceVersionPublished(version=version, **plain | fields)
