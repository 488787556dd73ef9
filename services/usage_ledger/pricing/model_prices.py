"""The price stream of one model: which version names are taken."""

from __future__ import annotations

import msgspec

from usage_ledger.pricing.events import PriceVersionPublished
from usage_ledger.recorded_event import EventPayload


class ModelPrices(msgspec.Struct):
    """The state of one price stream; prices themselves are looked up in the ``PriceBook``."""

    version: int = 0
    published: set[str] = set()

    def apply(self, payload: EventPayload, recorded_at: int) -> None:
        self.version += 1
        if isinstance(payload, PriceVersionPublished):
            self.published.add(payload.version)

    def snapshot(self) -> bytes:
        """The whole state as bytes; ``restore`` gives it back exactly."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @classmethod
    def restore(cls, state: bytes, version: int) -> ModelPrices:
        prices = msgspec.msgpack.decode(state, type=cls)
        prices.version = version
        return prices
