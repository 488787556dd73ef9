"""What the price book can be asked to do. Prices come as decimal text."""

from __future__ import annotations

import msgspec

from usage_ledger.identifiers import Currency, Id, ModelName, Reason
from usage_ledger.pricing.events import PriceList


class PriceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price as people write it: decimal text per million or per one unit of a bucket (U7 names), and per request."""

    per_million: dict[str, str] | None = None
    per_unit: dict[str, str] | None = None
    per_request: str | None = None


class PublishPrices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Publish one price version (P1). Times are microseconds UTC; ``effective_from`` absent means now."""

    version: Id
    model: ModelName
    list: PriceList
    currency: Currency
    price: PriceText
    reason: Reason
    provider: Id | None = None
    account_id: Id | None = None
    effective_from: int | None = None
    effective_to: int | None = None
