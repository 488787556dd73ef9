"""ImportPrice: what a public list says of a model is noted, and goes live by itself when two lists agree (P9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

import msgspec

from usage_ledger.deciding import Decision
from usage_ledger.pricing.agreement import agreed_prices
from usage_ledger.pricing.commands import ImportPrice
from usage_ledger.pricing.events import Price, PriceVersionPublished
from usage_ledger.pricing.import_events import ImportedPrice, ParkedReason, PriceImported, PriceParked, PriceSource
from usage_ledger.pricing.model_prices import ModelPrices
from usage_ledger.pricing.price_form import UnitPrice
from usage_ledger.pricing.price_numbers import PriceNumbers
from usage_ledger.refusals import InvalidInput
from usage_ledger.streams import price_stream

SOURCES: Final[tuple[PriceSource, ...]] = get_args(PriceSource)
"""The first-ranked first: its value is used where both agree."""


class ImportAnswer(msgspec.Struct, frozen=True):
    """``version`` was published, or the import is ``parked`` for a reason; neither when nothing changed by it."""

    model: str
    version: str | None
    parked: ParkedReason | None


def import_price(command: ImportPrice, decision: Decision) -> ImportAnswer:
    """Note the import and compare the lists. What says the same as before changes nothing and records nothing.

    Raises ``InvalidInput`` with the codes of a price's numbers, and ``invalid_price`` when there is none.
    """
    imported = _read(command, decision.recorded_at)
    stream = price_stream(command.model)
    state = decision.get(ModelPrices, stream)
    if _says_the_same(command, state, imported):
        return ImportAnswer(command.model, None, None)
    decision.record(stream, imported)
    first, second = [state.imported(source, command.currency) for source in SOURCES]
    agreed = agreed_prices(first.prices if first else None, second.prices if second else None)
    if isinstance(agreed, str):
        decision.record(stream, PriceParked(command.model, command.currency, agreed))
        return ImportAnswer(command.model, None, agreed)
    live = state.live_in(command.currency)
    if live and live.unit_prices == agreed and command.effective_from in (None, live.effective_from):
        return ImportAnswer(command.model, None, None)
    published = _version(command, state, imported, agreed)
    decision.record(stream, published)
    return ImportAnswer(command.model, published.version, None)


def _read(command: ImportPrice, recorded_at: int) -> PriceImported:
    """Reasoning costs what output costs where a list has no price for it, and that is written down (P9)."""
    if not command.per_million:
        raise InvalidInput("invalid_price", "an import names a bucket", "/per_million")
    texts: Mapping[str, str] = command.per_million
    if "output" in texts:
        texts = {"reasoning": texts["output"], **texts}
    numbers = PriceNumbers()
    prices = numbers.per_million(texts, "/per_million")
    return PriceImported(
        price_source=command.source_name,
        source_digest=command.source_digest,
        model=command.model,
        currency=command.currency,
        effective_from=recorded_at if command.effective_from is None else command.effective_from,
        prices=tuple([ImportedPrice(each.bucket, texts[each.bucket], each.femto_per_unit) for each in prices]),
        rounded_at_import=numbers.rounded,
    )


def _says_the_same(command: ImportPrice, state: ModelPrices, imported: PriceImported) -> bool:
    earlier = state.imported(command.source_name, command.currency)
    if earlier is None or earlier.prices != imported.prices:
        return False
    return command.effective_from in (None, earlier.effective_from)


def _version(
    command: ImportPrice, state: ModelPrices, imported: PriceImported, agreed: tuple[UnitPrice, ...]
) -> PriceVersionPublished:
    return PriceVersionPublished(
        version=_free_name(state),
        model=command.model,
        provider=None,
        list="cost",
        currency=command.currency,
        account_tenant=None,
        account_id=None,
        effective_from=imported.effective_from,
        effective_to=None,
        price=Price(agreed, None, imported.rounded_at_import),
        reason=" and ".join(SOURCES) + " agree",
        price_source=SOURCES[0],
    )


def _free_name(state: ModelPrices) -> str:
    """By the version of the stream; an operator may have taken the name."""
    number = state.version
    while (name := f"import-{number}") in state.published:
        number += 1
    return name
