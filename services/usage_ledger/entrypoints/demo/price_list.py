"""Four models and what their providers ask for them: list prices in USD per million tokens, as of October 2026.

Source: the public price map of the Python package genai-prices 0.2.3 (MIT), which names each provider's own page. They
are examples; a price is published by whoever runs a ledger, not by this code.
"""

from typing import Final, NamedTuple


class ListPrice(NamedTuple):
    """Decimal text per million tokens, by bucket."""

    model: str
    provider: str
    per_million: dict[str, str]


CURRENCY: Final = "USD"

LIST_PRICES: Final = (
    ListPrice(
        "claude-sonnet-5",
        "anthropic",
        {"input": "2", "cache_read": "0.2", "cache_write_5m": "2.5", "cache_write_1h": "4", "output": "10"},
    ),
    ListPrice("gpt-5-mini", "openai", {"input": "0.25", "cache_read": "0.025", "output": "2"}),
    ListPrice(
        "claude-haiku-4-5",
        "anthropic",
        {"input": "1", "cache_read": "0.1", "cache_write_5m": "1.25", "cache_write_1h": "2", "output": "5"},
    ),
    ListPrice("gemini-2.5-flash", "google", {"input": "0.3", "cache_read": "0.03", "output": "2.5"}),
)
