"""WithdrawPrice: a version is not chosen any more by what is decided from now on; what was rated stays (P3)."""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.pricing.commands import WithdrawPrice
from usage_ledger.pricing.events import PriceVersionWithdrawn
from usage_ledger.pricing.model_prices import ModelPrices
from usage_ledger.refusals import Refusal
from usage_ledger.streams import price_stream


class PriceWithdrawn(msgspec.Struct, frozen=True):
    """The answer: which version of which model is out."""

    version: str
    model: str


def withdraw_price(command: WithdrawPrice, decision: Decision) -> PriceWithdrawn:
    """Withdraw the version of that name.

    Raises ``Refusal``: ``price_version_not_found``; ``ambiguous_price_version`` when several models have one and none
    is named; ``already_withdrawn``.
    """
    model = command.model or _only_model(decision.facts.prices.models_of(command.version))
    stream = price_stream(model)
    prices = decision.get(ModelPrices, stream)
    if command.version not in prices.published:
        raise Refusal("price_version_not_found", "no version of this name was published")
    if command.version in prices.withdrawn:
        raise Refusal("already_withdrawn", "the version was withdrawn before")
    decision.record(stream, PriceVersionWithdrawn(command.version, model, command.reason))
    return PriceWithdrawn(command.version, model)


def _only_model(models: list[str]) -> str:
    if not models:
        raise Refusal("price_version_not_found", "no version of this name was published")
    if len(models) > 1:
        named = {"models": ", ".join(sorted(models)[:10])}
        raise Refusal("ambiguous_price_version", "several models have a version of this name: say which", named)
    return models[0]
