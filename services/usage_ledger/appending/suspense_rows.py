"""Rows of lines without a price, by model: what the reactor looks for when a price arrives (U12).

They follow from the events, are written in their transaction, and can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from usage_ledger.accounts.events import ChargeLine, SuspendedUsageRated, UsageRecorded
from usage_ledger.pricing.events import answered_model
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, SuspendedRow
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt_digests import attempt_key


def index_suspense(batch: Batch, shard: int, envelope: Envelope, payload: EventPayload) -> None:
    match payload:
        case UsageRecorded():
            if payload.account_id is None or payload.currency is None:
                return
            unpriced = [line for line in payload.lines if line.outcome in UNPRICED]
            for key, line in _by_key(envelope, unpriced):
                model = answered_model(payload.prices[line.price])
                row = SuspendedRow(
                    key, shard, model, payload.currency, envelope.tenant, payload.account_id, line.occurred_at
                )
                batch.suspended[key] = row
        case SuspendedUsageRated():
            batch.suspended.update(dict.fromkeys([key for key, _ in _by_key(envelope, payload.lines)]))
        case _:
            pass


def _by_key(envelope: Envelope, lines: Iterable[ChargeLine]) -> Iterator[tuple[bytes, ChargeLine]]:
    for line in lines:
        source = (line.detail and line.detail.source) or envelope.source
        yield attempt_key(envelope.tenant, source, line.attempt_id), line
