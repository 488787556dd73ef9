"""Collects what a command cannot book, and records it raw: nothing that was consumed disappears from the books (U5)."""

from __future__ import annotations

from typing import Final

from usage_ledger.deciding import Decision
from usage_ledger.money import half_even_to_nano
from usage_ledger.streams import quarantine_stream
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.events import Disposition, QuarantinedItem, UsageQuarantined

MAX_RAW_BYTES: Final = 200_000
"""Of items in one event, so that none passes 256 KB."""

_ITEM_BYTES: Final = 500  # of everything but the raw bytes, at its longest


class Quarantine:
    """The kept items of one command, in their order."""

    def __init__(self) -> None:
        self._kept: list[tuple[Attempt, QuarantinedItem]] = []

    def keep(self, attempt: Attempt, disposition: Disposition, reason: str) -> None:
        """Keep the item's bytes with the reason and, where the item reports a cost, the amount at risk."""
        cost = attempt.reported_cost
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
                    half_even_to_nano(cost.femto) if cost else None,
                    cost.currency if cost else None,
                    attempt.raw,
                ),
            )
        )

    def record(self, decision: Decision) -> None:
        """Append what was kept: one event, or several where one would be too large. Waiting items take their ids."""
        for part in self._parts():
            items = tuple([item for _, item in part])
            position = decision.record(quarantine_stream(decision.tenant), UsageQuarantined(items))
            waiting = [attempt for attempt, item in part if item.disposition == "waiting"]
            decision.claim_attempts([(attempt.key, attempt.content) for attempt in waiting], position)

    def _parts(self) -> list[list[tuple[Attempt, QuarantinedItem]]]:
        parts: list[list[tuple[Attempt, QuarantinedItem]]] = []
        room = 0
        for kept in self._kept:
            size = len(kept[1].raw) + _ITEM_BYTES
            if size > room:
                parts.append([])
                room = MAX_RAW_BYTES
            parts[-1].append(kept)
            room -= size
        return parts
