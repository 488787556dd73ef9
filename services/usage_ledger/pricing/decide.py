"""What the price book answers to its commands."""

from __future__ import annotations

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.pricing.commands import PublishPrices
from usage_ledger.pricing.events import Price, PriceList, PriceVersionPublished
from usage_ledger.pricing.model_prices import ModelPrices
from usage_ledger.pricing.override import require_account
from usage_ledger.pricing.price_text import parse_price_text
from usage_ledger.refusals import Refusal
from usage_ledger.streams import price_stream


class PricesPublished(msgspec.Struct, frozen=True):
    """The answer: which version holds now, and whether its text had more than 15 decimals (M6)."""

    version: str
    model: str
    list: PriceList
    currency: str
    rounded_at_import: bool


def publish_prices(command: PublishPrices, decision: Decision) -> PricesPublished:
    """Publish one price version; without ``effective_from`` it holds from now on (P1).

    An override is for an account of the tenant that the command is decided for. Raises ``Refusal``:
    ``account_not_found`` when it has none of that id, ``price_version_exists`` when the model has a version of that
    name, ``invalid_price`` when its time is empty.
    Raises ``InvalidInput`` with the codes of ``parse_price_text``.
    """
    price = parse_price_text(command.price)
    stream = price_stream(command.model)
    require_account(command.account_id, decision)
    if command.version in decision.get(ModelPrices, stream).published:
        raise Refusal("price_version_exists", "a version is immutable: publish the change under another name")
    effective_from = decision.recorded_at if command.effective_from is None else command.effective_from
    if command.effective_to is not None and command.effective_to <= effective_from:
        raise Refusal("invalid_price", "effective_to is after effective_from")
    decision.record(stream, _published(command, decision, price, effective_from))
    return PricesPublished(command.version, command.model, command.list, command.currency, price.rounded_at_import)


def _published(command: PublishPrices, decision: Decision, price: Price, effective_from: int) -> PriceVersionPublished:
    return PriceVersionPublished(
        version=command.version,
        model=command.model,
        provider=command.provider,
        list=command.list,
        currency=command.currency,
        account_tenant=None if command.account_id is None else decision.tenant,
        account_id=command.account_id,
        effective_from=effective_from,
        effective_to=command.effective_to,
        price=price,
        reason=command.reason,
    )
