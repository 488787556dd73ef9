"""What was charged before a budget was set, so that a limit set in the middle of a window counts all of it (L1).

It is read while nobody else can append, so it is bounded: where it would be more, the budget counts from now on, and
says so. Only the window that holds now is looked at; nobody is admitted against another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.events import SuspendedUsageRated, UsageRecorded
from usage_ledger.accounts.limits.budget import Spent
from usage_ledger.accounts.limits.spending import spend_of, spender_of
from usage_ledger.deciding import Decision
from usage_ledger.recorded_event import EventPayload

LINES_MAX: Final = 20_000
EVENTS_MAX: Final = 5_000
AHEAD_MICROS: Final = 300_000_000
"""Usage may be recorded before it occurred, by as much (U6)."""


class PastUsage:
    """Of one account, for one command: what several budgets ask for is read once."""

    def __init__(self, decision: Decision, stream_id: str) -> None:
        self._decision = decision
        self._stream_id = stream_id
        self._since: dict[int, list[Spent] | None] = {}

    def since(self, start: int) -> list[Spent] | None:
        """What was charged of usage since then (microseconds UTC), and of some before; None where it is too much."""
        if start not in self._since:
            self._since[start] = self._read(start)
        return self._since[start]

    def _read(self, start: int) -> list[Spent] | None:
        spent: list[Spent] = []
        lines = 0
        for number, holder in enumerate(self._decision.history(self._stream_id, start - AHEAD_MICROS)):
            lines += len(getattr(holder.payload, "lines", ()))
            if number >= EVENTS_MAX or lines > LINES_MAX:
                return None
            spent += spent_by(holder.payload)
        return spent


def spent_by(payload: EventPayload) -> Iterable[Spent]:
    """What an event of the account's stream adds to spend; a correction may take away."""
    match payload:
        case UsageRecorded() | SuspendedUsageRated():
            return spend_of(payload.decisions, payload.lines)
        case UsageCorrected():
            corrected = zip(payload.lines, payload.corrections, strict=True)
            decisions = payload.decisions
            return [Spent(line.occurred_at, by.delta, spender_of(decisions[line.decision])) for line, by in corrected]
        case _:
            return ()
