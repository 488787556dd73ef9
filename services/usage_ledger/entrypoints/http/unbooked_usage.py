"""An attempt that was taken and not booked: it waits in quarantine, or was given up there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from usage_ledger.adapters.postgres.ledger_reader import Recorded
from usage_ledger.entrypoints.http.instants import format_micros
from usage_ledger.entrypoints.http.positions import Position
from usage_ledger.money import format_amount
from usage_ledger.usage.events import QuarantinedDiscarded, UsageQuarantined


class WaitingUsage(msgspec.Struct, frozen=True):
    """An attempt that is kept until the fact that it misses arrives; ``item`` is what was sent (U5)."""

    state: str
    attempt_id: str
    source: str
    event_id: str
    position: str
    occurred_at: str
    recorded_at: str
    workspace_id: str
    reason: str
    amount_at_risk: str | None
    currency: str | None
    item: dict[str, Any]


class DiscardedUsage(msgspec.Struct, frozen=True):
    """An attempt that waited and was given up; its id stays taken."""

    state: str
    attempt_id: str
    source: str
    event_id: str
    position: str
    recorded_at: str
    workspace_id: str
    reason: str


def explain_waiting(
    event: Recorded, quarantined: UsageQuarantined, source: str, attempt_id: str
) -> WaitingUsage | None:
    for item in quarantined.items:
        if item.attempt_id == attempt_id and item.source == source and item.disposition == "waiting":
            return WaitingUsage(
                state="waiting",
                attempt_id=item.attempt_id,
                source=item.source,
                event_id=event_id(event),
                position=position(event),
                occurred_at=format_micros(item.occurred_at),
                recorded_at=format_micros(event.envelope.recorded_at),
                workspace_id=item.workspace_id,
                reason=item.reason,
                amount_at_risk=None if item.amount_at_risk is None else format_amount(item.amount_at_risk),
                currency=item.currency,
                item=msgspec.json.decode(item.raw),
            )
    return None


def explain_discarded(event: Recorded, discarded: QuarantinedDiscarded) -> DiscardedUsage:
    return DiscardedUsage(
        state="discarded",
        attempt_id=discarded.attempt_id,
        source=discarded.attempt_source,
        event_id=event_id(event),
        position=position(event),
        recorded_at=format_micros(event.envelope.recorded_at),
        workspace_id=discarded.workspace_id,
        reason=discarded.reason,
    )


def event_id(event: Recorded) -> str:
    return str(UUID(bytes=event.envelope.event_id))


def position(event: Recorded) -> str:
    return str(Position(event.shard, event.position))
