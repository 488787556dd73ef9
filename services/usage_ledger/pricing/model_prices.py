"""The price stream of one model: which version names are taken, and what the public lists say of it."""

from __future__ import annotations

import msgspec

from usage_ledger.pricing.events import PriceVersionPublished, PriceVersionWithdrawn
from usage_ledger.pricing.import_events import ImportedPrice, PriceImported, PriceSource
from usage_ledger.pricing.price_form import UnitPrice
from usage_ledger.recorded_event import EventPayload


class SourcePrices(msgspec.Struct, frozen=True):
    """What one public list said last. ``effective_from`` is microseconds UTC."""

    price_source: PriceSource
    currency: str
    effective_from: int
    prices: tuple[ImportedPrice, ...]


class LivePrice(msgspec.Struct, frozen=True):
    """The version that the public lists put in force last."""

    version: str
    currency: str
    effective_from: int
    unit_prices: tuple[UnitPrice, ...]


class ModelPrices(msgspec.Struct):
    """The state of one price stream; prices themselves are looked up in the ``PriceBook``."""

    version: int = 0
    published: set[str] = set()
    withdrawn: set[str] = set()
    imports: list[SourcePrices] = []
    live: list[LivePrice] = []

    def imported(self, source: PriceSource, currency: str) -> SourcePrices | None:
        """What this list says in this currency; None if it never said anything."""
        said = (each for each in self.imports if (each.price_source, each.currency) == (source, currency))
        return next(said, None)

    def live_in(self, currency: str) -> LivePrice | None:
        return next((each for each in self.live if each.currency == currency), None)

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        match payload:
            case PriceVersionPublished():
                self._publish(payload)
            case PriceVersionWithdrawn():
                self.withdrawn.add(payload.version)
            case PriceImported():
                said = SourcePrices(payload.price_source, payload.currency, payload.effective_from, payload.prices)
                earlier = self.imported(payload.price_source, payload.currency)
                self.imports = [*(each for each in self.imports if each is not earlier), said]
            case _:
                pass

    def snapshot(self) -> bytes:
        """The whole state as bytes; ``restore`` gives it back exactly."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @classmethod
    def restore(cls, state: bytes, version: int) -> ModelPrices:
        prices = msgspec.msgpack.decode(state, type=cls)
        prices.version = version
        return prices

    def _publish(self, published: PriceVersionPublished) -> None:
        self.published.add(published.version)
        if published.price_source is not None:
            live = LivePrice(
                published.version, published.currency, published.effective_from, published.price.unit_prices
            )
            self.live = [*(each for each in self.live if each.currency != live.currency), live]
