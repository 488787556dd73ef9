"""Rows of lines without a price, by model: what the reactor looks for when a price arrives (U12).

They follow from the events, are written in their transaction, and can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.events import ChargeLine, SuspendedUsageRated, UsageRecorded
from usage_ledger.pricing.events import answered_model
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, SuspendedRow
from usage_ledger.usage.answer import UNPRICED
from usage_ledger.usage.attempt_digests import attempt_key


def index_suspense(batch: Batch, shard: int, envelope: Envelope, payload: EventPayload) -> None:
    match payload:
        case UsageRecorded():
            _add(batch, shard, envelope, payload, [line for line in payload.lines if line.outcome in UNPRICED])
        case SuspendedUsageRated():
            _take(batch, envelope, payload.lines)
        case UsageCorrected():
            changed = [
                line
                for line, before in zip(payload.lines, payload.before, strict=True)
                if (line.outcome in UNPRICED) != (before.outcome in UNPRICED)
            ]
            _take(batch, envelope, [line for line in changed if line.outcome not in UNPRICED])
            _add(batch, shard, envelope, payload, [line for line in changed if line.outcome in UNPRICED])
        case _:
            pass


def _add(
    batch: Batch,
    shard: int,
    envelope: Envelope,
    usage: UsageRecorded | UsageCorrected,
    unpriced: Iterable[ChargeLine],
) -> None:
    """Usage that nobody is charged for needs no price."""
    if usage.account_id is None or usage.currency is None:
        return
    for key, line in _by_key(envelope, unpriced):
        model = answered_model(usage.prices[line.price])
        batch.suspended[key] = SuspendedRow(
            key, shard, model, usage.currency, envelope.tenant, usage.account_id, line.occurred_at
        )


def _take(batch: Batch, envelope: Envelope, priced: Iterable[ChargeLine]) -> None:
    batch.suspended.update(dict.fromkeys([key for key, _ in _by_key(envelope, priced)]))


def _by_key(envelope: Envelope, lines: Iterable[ChargeLine]) -> Iterator[tuple[bytes, ChargeLine]]:
    for line in lines:
        source = (line.detail and line.detail.source) or envelope.source
        yield attempt_key(envelope.tenant, source, line.attempt_id), line
