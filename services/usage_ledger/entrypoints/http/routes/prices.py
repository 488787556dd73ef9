"""The price book: versions published, imported and withdrawn; aliases of models; pricing policies."""

from __future__ import annotations

from typing import Final

from usage_ledger.entrypoints.http.command_bodies import body_of, command_from_body
from usage_ledger.entrypoints.http.writes import Write
from usage_ledger.pricing.commands import ImportPrice, MapModel, PublishPrices, SetPricingPolicy, WithdrawPrice
from usage_ledger.pricing.decide import PricesPublished
from usage_ledger.pricing.importing import ImportAnswer
from usage_ledger.pricing.mapping import ModelMapping
from usage_ledger.pricing.policy_setting import PolicyAnswer
from usage_ledger.pricing.withdrawing import PriceWithdrawn

_NUMBERS: Final = ("invalid_price", "price_absurd", "unknown_unit")

WRITES: Final = (
    Write(
        "POST",
        "/v1/prices",
        "Publish a price version",
        (PublishPrices,),
        body_of(PublishPrices, instants=("effective_from", "effective_to")),
        command_from_body(PublishPrices),
        PricesPublished,
        201,
        (
            "account_not_found",
            "price_version_exists",
            *_NUMBERS,
            "price_hole",
            "price_overlap",
            "volume_by_period",
            "missing_reason",
        ),
    ),
    Write(
        "POST",
        "/v1/prices/imports",
        "Note what a public price list says of a model; it goes live when two lists agree",
        (ImportPrice,),
        body_of(ImportPrice, instants=("effective_from",)),
        command_from_body(ImportPrice),
        ImportAnswer,
        201,
        _NUMBERS,
    ),
    Write(
        "POST",
        "/v1/prices/{version}/withdraw",
        "Take a price version out of what is decided from now on",
        (WithdrawPrice,),
        body_of(WithdrawPrice, without=("version",)),
        command_from_body(WithdrawPrice),
        PriceWithdrawn,
        200,
        ("price_version_not_found", "ambiguous_price_version", "already_withdrawn", "missing_reason"),
    ),
    Write(
        "POST",
        "/v1/models/aliases",
        "Price usage under one name as another model",
        (MapModel,),
        body_of(MapModel, instants=("effective_from",)),
        command_from_body(MapModel),
        ModelMapping,
        200,
        ("alias_cycle",),
    ),
    Write(
        "PUT",
        "/v1/pricing-policies",
        "Set how prices become charges, for an account and a model pattern",
        (SetPricingPolicy,),
        body_of(SetPricingPolicy),
        command_from_body(SetPricingPolicy),
        PolicyAnswer,
        200,
        (
            "account_not_found",
            "margin_below_cost",
            "invalid_margin",
            "invalid_amount",
            "amount_too_precise",
            "amount_out_of_range",
        ),
    ),
)
