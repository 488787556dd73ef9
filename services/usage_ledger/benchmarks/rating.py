"""What rating a line costs, by the form of its price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

import msgspec

from usage_ledger.benchmarks.cpu_cost import cpu_costs
from usage_ledger.benchmarks.machine import machine
from usage_ledger.pricing.choice import Choice
from usage_ledger.pricing.commands import PriceText
from usage_ledger.pricing.events import Margin, PriceList, PriceVersionPublished
from usage_ledger.pricing.policy_events import PricingPolicySet
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.pricing.price_text import parse_price_text
from usage_ledger.pricing.rating import rate_cost_plus, rate_line

WHOLE: Final = "tiered, margined, thresholded"
"""The form that the bench's figure is about; the others are told beside it."""

_MODEL: Final = "bench/model"
_ACCOUNT: Final = "bench", "main"
_BASE: Final = {"input": "2", "cache_read": "0.2", "output": "8"}
_ABOVE: Final = {"over": 200_000, "per_million": {"input": "4", "cache_read": "0.4", "output": "12"}}
_STEPS: Final = [{"up_to": 10, "flat": "2", "unit": "0.1"}, {"up_to": 20, "unit": "0.05"}, {"unit": "0.01"}]
_TIERS: Final = {"bucket": "searches", "mode": "graduated", "steps": _STEPS}
_COUNTS: Final = 250_000, 300, 400, (("searches", 22),)

_FORMS: Final[dict[str, tuple[PriceList, dict[str, Any]]]] = {
    "plain": ("sell", {"per_million": {**_BASE, "searches": "1000"}}),
    "margined": ("cost", {"per_million": {**_BASE, "searches": "1000"}}),
    "tiered": ("sell", {"per_million": _BASE, "tiers": [_TIERS]}),
    "thresholded": ("sell", {"per_million": _BASE, "tiers": [_TIERS], "thresholds": [_ABOVE]}),
    WHOLE: ("cost", {"per_million": _BASE, "tiers": [_TIERS], "thresholds": [_ABOVE]}),
}


def measure_rating(seconds: float) -> dict[str, object]:
    """CPU µs a line by form; ``seconds`` are for all of them."""
    lines = {name: _line(_choice(price_list, form)) for name, (price_list, form) in _FORMS.items()}
    count, us = cpu_costs(lines, seconds)
    return {
        "bench": "rating",
        "version": version("usage-ledger"),
        "seconds": seconds,
        "items": count,
        "items_per_s": round(1e6 / us[WHOLE]),
        "cpu_us_per_item": {"total": us[WHOLE], **_others(us)},
        "machine": machine(),
    }


def _others(us: Mapping[str, float]) -> dict[str, float]:
    return {name: figure for name, figure in us.items() if name != WHOLE}


def _choice(price_list: PriceList, form: dict[str, Any]) -> Choice:
    book = PriceBook()
    price = parse_price_text(msgspec.convert(form, PriceText))
    book.apply(
        PriceVersionPublished("bench-1", _MODEL, None, price_list, "USD", None, None, 0, None, price, "bench"), 0
    )
    if price_list == "cost":
        margin = Margin("multiplier", "1.3")
        book.apply(PricingPolicySet(None, None, None, margin, False, 100, None, None, None), 0)
    return book.choose(_MODEL, None, "USD", _ACCOUNT, 0)


def _line(choice: Choice) -> Callable[[], object]:
    """Charge and, where the list is the provider's, what the provider takes: all that a line needs."""
    if choice.is_cost_plus:
        return lambda: rate_cost_plus(choice, *_COUNTS)
    return lambda: rate_line(choice, *_COUNTS)
