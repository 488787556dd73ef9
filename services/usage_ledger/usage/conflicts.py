"""Collects the items of a command that contradict what was taken first, and lists them (U3). The first always stays.

One provider response under two attempt ids contradicts nothing, for a gateway may be wrong about ids and right about
usage: it is charged, and listed beside the others as ``suspected_duplicate``.
"""

from __future__ import annotations

from typing import Final

from usage_ledger.deciding import Decision
from usage_ledger.streams import quarantine_stream
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.event_parts import event_parts
from usage_ledger.usage.events import ConflictKind, UsageConflict, UsageConflictNoted
from usage_ledger.usage.reported_cost import at_risk

MAX_RAW_BYTES: Final = 4_096
"""Of a later item. It is evidence for people; the digests say that it differs."""

_CONFLICT_BYTES: Final = 600  # of everything but the raw bytes, at its longest


class Conflicts:
    """The contradicting items of one command, in their order."""

    def __init__(self) -> None:
        self._noted: list[UsageConflict] = []

    def note(self, attempt: Attempt, first_content: bytes, kind: ConflictKind = "conflict") -> None:
        """``first_content`` is the digest of what was said first; of a suspected duplicate the first attempt's key."""
        amount, currency = at_risk(attempt.reported_cost)
        self._noted.append(
            UsageConflict(
                attempt.attempt_id,
                attempt.source,
                attempt.workspace_id,
                kind,
                first_content,
                attempt.content,
                amount,
                currency,
                attempt.raw[:MAX_RAW_BYTES],
            )
        )

    def record(self, decision: Decision) -> None:
        """Append what was noted: one event, or several where one would be too large."""
        for part in event_parts(self._noted, _bytes_of):
            decision.record(quarantine_stream(decision.tenant), UsageConflictNoted(tuple(part)))


def _bytes_of(conflict: UsageConflict) -> int:
    return len(conflict.raw) + _CONFLICT_BYTES
