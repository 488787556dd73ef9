"""What the price book can be asked to do. Prices come as decimal text, times as microseconds UTC."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from usage_ledger.identifiers import Currency, Id, ModelName, Reason
from usage_ledger.pricing.events import Margin, PriceList
from usage_ledger.pricing.import_events import PriceSource
from usage_ledger.pricing.policy_events import Unpriced
from usage_ledger.pricing.price_form import QuantityBasis, TierMode

ModelPattern = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:@/*-]{1,128}\Z")]
"""A model's name, in which ``*`` stands for any run of characters."""

PriceNumber = Annotated[str, msgspec.Meta(max_length=64)]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Units = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Digest = Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
"""SHA-256 in hexadecimal."""


class StepText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to and with ``up_to`` units (None = open): ``flat`` once the quantity enters it, ``unit`` for each unit."""

    up_to: Units | None = None
    flat: PriceNumber | None = None
    unit: PriceNumber | None = None


class TierText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bucket priced by its quantity: ``steps`` of a ``mode``, or packages of ``size`` at ``price`` after ``free``."""

    bucket: str
    mode: TierMode | None = None
    basis: QuantityBasis = "request"
    steps: tuple[StepText, ...] = ()
    size: Units | None = None
    price: PriceNumber | None = None
    free: Quantity | None = None


class ThresholdText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices for a million units of a request whose context is larger than ``over`` tokens (P6)."""

    over: Quantity
    per_million: dict[str, PriceNumber]


class WindowText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Prices for a million units in a part of the day: ``HH:MM`` or ``HH:MM:SS`` of UTC, [from, to) (P7)."""

    from_: str
    to: str
    per_million: dict[str, PriceNumber]
    thresholds: tuple[ThresholdText, ...] = ()


class PriceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price as people write it: decimal text per million or per one unit of a bucket (U7 names), and per request.

    ``reported_cost``: the reported cost of the item is the price. The other forms are those of P5 to P7.
    """

    per_million: dict[str, PriceNumber] | None = None
    per_unit: dict[str, PriceNumber] | None = None
    per_request: PriceNumber | None = None
    reported_cost: bool = False
    tiers: tuple[TierText, ...] = ()
    thresholds: tuple[ThresholdText, ...] = ()
    windows: tuple[WindowText, ...] = ()


class PublishPrices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Publish one price version (P1). ``effective_from`` absent means now."""

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


class WithdrawPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take a version out of what is decided from now on (P3). ``model`` is needed where several have the name."""

    version: Id
    reason: Reason
    model: ModelName | None = None


class MapModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Price usage of ``alias`` as ``model`` (P4).

    ``effective_from`` absent: the first mapping says what the name always meant, a later one what it means from now on.
    """

    alias: ModelName
    model: ModelName
    effective_from: int | None = None


class ImportPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take note of what a public list says of a model: decimal text for a million units, by bucket (P9)."""

    source_name: PriceSource
    model: ModelName
    per_million: dict[str, PriceNumber]
    currency: Currency = "USD"
    effective_from: int | None = None
    source_digest: Digest | None = None


class MarginText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is put on the exact cost; below cost only where that is allowed in so many words (U9)."""

    type: Literal["multiplier", "percent"]
    value: PriceNumber
    allow_below_cost: bool = False

    @property
    def margin(self) -> Margin:
        return Margin(self.type, self.value)


PolicySetting = Literal["margin", "minimum_charge", "unpriced", "byok_fee_per_request", "charge_failed"]


class SetPricingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Set how prices become charges for an account (default all) and a model pattern (default all) (P8, U9-U13).

    What is not named stays as it is; ``remove`` names settings that the scope shall not have any more.
    """

    account_id: Id | None = None
    model: ModelPattern | None = None
    margin: MarginText | None = None
    minimum_charge: PriceNumber | None = None
    unpriced: Unpriced | None = None
    byok_fee_per_request: PriceNumber | None = None
    charge_failed: bool | None = None
    remove: tuple[PolicySetting, ...] = ()
