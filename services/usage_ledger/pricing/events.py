"""What the price book records, and how a charge names the price it used."""

from __future__ import annotations

from typing import Literal

import msgspec

from usage_ledger.pricing.import_events import PriceSource
from usage_ledger.pricing.price_form import PriceForm, UnitPrice
from usage_ledger.recorded_event import EventPayload

PriceList = Literal["sell", "cost"]

UsedList = Literal["sell", "cost", "stated"]
"""Where a line's price came from: ``stated`` is an amount that a settlement named, booked as given (H5)."""

LineOutcome = Literal[
    "charged",
    "price_zero",
    "rounds_to_zero",
    "byok",
    "failed",
    "no_usage",
    "not_billable",
    "no_price",
    "no_price_in_currency",
    "bucket_unpriced",
    "no_margin_rule",
    "no_reported_cost",
]
"""A line's status and its reason in one word (U11)."""

MarginType = Literal["multiplier", "percent"]


class Price(msgspec.Struct, frozen=True):
    """A price in exact integers; ``unit_prices`` are sorted by bucket (P5). ``form`` None: there is nothing else."""

    unit_prices: tuple[UnitPrice, ...]
    per_request_femto: int | None
    rounded_at_import: bool
    form: PriceForm | None = None


class PriceVersionPublished(EventPayload, frozen=True):
    """A price holds from ``effective_from`` (inclusive) to ``effective_to`` (exclusive, None = open) (P1).

    Times are microseconds UTC. With ``account_id`` it is an override for that account of ``account_tenant``.
    ``price_source`` is the public list that it was imported from; None: it was published by hand (P9).
    """

    version: str
    model: str
    provider: str | None
    list: PriceList
    currency: str
    account_tenant: str | None
    account_id: str | None
    effective_from: int
    effective_to: int | None
    price: Price
    reason: str
    price_source: PriceSource | None = None


class PriceVersionWithdrawn(EventPayload, frozen=True):
    """The version is not chosen any more by decisions that know of this (P3). What was rated stays."""

    version: str
    model: str
    reason: str


class ModelMapped(EventPayload, frozen=True):
    """Usage of ``alias`` that occurred from ``effective_from`` (microseconds UTC) on is priced as ``model`` (P4)."""

    alias: str
    model: str
    effective_from: int


class PriceUsed(msgspec.Struct, frozen=True):
    """The version that a line was rated by, with its numbers, so that the event alone explains the charge."""

    version: str
    list: UsedList
    account_specific: bool
    currency: str
    per_request_femto: int | None
    unit_prices: tuple[UnitPrice, ...]
    form: PriceForm | None = None


class Margin(msgspec.Struct, frozen=True, gc=False):
    """What is put on the exact cost: ``value`` is decimal text as it was set, a factor or a percentage (U9)."""

    type: MarginType
    value: str


class PriceDetail(msgspec.Struct, frozen=True, gc=False):
    """What the pricing policy made of a price (U8-U10, U13, P8).

    ``minimum_charge`` and ``byok_fee`` are nano-units a line. ``mapped_from`` is the model that answered, where
    an alias led to the model of the price (P4).
    """

    margin: Margin | None = None
    minimum_charge: int | None = None
    byok_fee: int | None = None
    charge_failed: bool = False
    mapped_from: str | None = None


class PriceBasis(msgspec.Struct, frozen=True):
    """The part of a line's price that does not depend on its quantities; ``model`` is the one whose prices count."""

    model: str
    provider: str | None
    charge: PriceUsed | None
    cost: PriceUsed | None
    detail: PriceDetail | None = None


def answered_model(basis: PriceBasis) -> str:
    """The model that answered, before any alias: by this name usage waits for a price (P4, U12)."""
    return (basis.detail and basis.detail.mapped_from) or basis.model
