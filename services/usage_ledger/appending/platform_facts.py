"""An appender's copy of the facts of all: prices, policies, registries, proxy; as known at a position of shard 0."""

from __future__ import annotations

from usage_ledger.adapters.avro_mapper import decode_payload
from usage_ledger.closing.closed_months import ClosedMonths
from usage_ledger.deployment.deployment import Deployment
from usage_ledger.governance.governance import Governance
from usage_ledger.pricing.price_book import PriceBook
from usage_ledger.recorded_event import EventPayload
from usage_ledger.store import Transaction
from usage_ledger.streams import deployment_stream, governance_stream, months_stream


class PlatformFacts:
    """Folded in the order of positions; knowledge is ``position``, never a clock (P2)."""

    def __init__(self) -> None:
        self.position = 0
        self.prices = PriceBook()
        self.deployment = Deployment()
        self.months = ClosedMonths()
        self.governance = Governance()

    def catch_up(self, transaction: Transaction) -> None:
        """Read what was recorded since; usually nothing, and then without a query."""
        if transaction.facts_position == self.position:
            return
        for event in transaction.facts_after(self.position):
            self.follow(
                str(event.stored.originator_id), event.position, decode_payload(event.stored.state), event.recorded_at
            )

    def follow(self, stream_id: str, position: int, payload: EventPayload, recorded_at: int) -> None:
        if stream_id == deployment_stream():
            self.deployment.apply(payload, recorded_at)
        elif stream_id == months_stream():
            self.months.apply(payload, recorded_at)
        elif stream_id == governance_stream():
            self.governance.apply(payload, recorded_at)
        else:
            self.prices.apply(payload, recorded_at, position)
        self.position = position
