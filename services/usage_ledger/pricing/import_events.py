"""What is recorded of public price lists, before and beside the versions that come of them (P9)."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.recorded_event import EventPayload

PriceSource = Literal["genai-prices", "litellm"]
"""Public price lists, the first-ranked first."""

ParkedReason = Literal["single_source", "disagreement"]


class ImportedPrice(msgspec.Struct, frozen=True, gc=False):
    """A price of a public list: its text for a million units, and what that is a unit, in femto-units (M6)."""

    bucket: str
    text: str
    femto_per_unit: int


class PriceImported(EventPayload, frozen=True):
    """What a public list says of a model. ``prices`` are sorted by bucket; ``effective_from`` is microseconds UTC."""

    price_source: PriceSource
    source_digest: str | None
    model: str
    currency: str
    effective_from: int
    prices: tuple[ImportedPrice, ...]
    rounded_at_import: bool


class PriceParked(EventPayload, frozen=True):
    """What was imported does not go live by itself."""

    model: str
    currency: str
    reason: ParkedReason
