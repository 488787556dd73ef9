"""Collects what a command cannot book, and records it raw: nothing that was consumed disappears from the books (U5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_ledger.deciding import Decision
from usage_ledger.streams import quarantine_stream
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.booking import Recorded
from usage_ledger.usage.event_parts import event_parts
from usage_ledger.usage.events import Disposition, QuarantinedItem, UsageQuarantined
from usage_ledger.usage.reported_cost import at_risk

_ITEM_BYTES: Final = 500  # of everything but the raw bytes, at its longest


class Quarantine:
    """The kept items of one command, in their order."""

    def __init__(self) -> None:
        self._kept: list[tuple[Attempt, QuarantinedItem]] = []

    def keep(self, attempt: Attempt, disposition: Disposition, reason: str) -> None:
        """Keep the item's bytes with the reason and, where the item reports a cost, the amount at risk."""
        amount, currency = at_risk(attempt.reported_cost)
        self._kept.append(
            (
                attempt,
                QuarantinedItem(
                    attempt.attempt_id,
                    attempt.source,
                    attempt.workspace_id,
                    attempt.occurred_at,
                    disposition,
                    reason,
                    amount,
                    currency,
                    attempt.raw,
                ),
            )
        )

    def record(self, decision: Decision) -> Iterator[Recorded]:
        """Append what was kept: one event, or several where one would be too large. Waiting items take their ids."""
        for part in event_parts(self._kept, _bytes_of):
            items = tuple([item for _, item in part])
            position = decision.record(quarantine_stream(decision.tenant), UsageQuarantined(items))
            waiting = [attempt for attempt, item in part if item.disposition == "waiting"]
            yield Recorded(position, [(attempt.key, attempt.content) for attempt in waiting])


def _bytes_of(kept: tuple[Attempt, QuarantinedItem]) -> int:
    return len(kept[1].raw) + _ITEM_BYTES
