"""What a ledger in memory has come to: charges by attempt, entries by code, what holds an attempt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import ACCOUNT
from usage_ledger.accounts.events import ChargeLine, SuspendedUsageRated, UsageRecorded
from usage_ledger.recorded_event import EventPayload
from usage_ledger.usage.attempt_digests import attempt_key
from usage_ledger.usage.events import JudgedItem, WaitingUsageJudged

QUARANTINE = "t1/quarantine"
NANO = 10**9


def money_events(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[UsageRecorded | SuspendedUsageRated]:
    return [event for event in ledger.events(stream_id) if isinstance(event, UsageRecorded | SuspendedUsageRated)]


def rated(ledger: Rehearsal, stream_id: str = ACCOUNT) -> list[SuspendedUsageRated]:
    return [event for event in ledger.events(stream_id) if isinstance(event, SuspendedUsageRated)]


def judged(ledger: Rehearsal) -> list[JudgedItem]:
    events = [event for event in ledger.events(QUARANTINE) if isinstance(event, WaitingUsageJudged)]
    return [item for event in events for item in event.items]


def lines_now(ledger: Rehearsal, stream_id: str = ACCOUNT) -> dict[str, ChargeLine]:
    """Each attempt's line as the last event about it has it."""
    return {line.attempt_id: line for event in money_events(ledger, stream_id) for line in event.lines}


def charges(ledger: Rehearsal, stream_id: str = ACCOUNT) -> Counter[str]:
    """Nano-units charged by attempt, added up over all events: what was charged twice shows twice."""
    total: Counter[str] = Counter()
    for event in money_events(ledger, stream_id):
        for line in event.lines:
            total[line.attempt_id] += line.charged
    return total


def balances(ledger: Rehearsal, stream_id: str = ACCOUNT) -> dict[int, int]:
    """Debits minus credits by code, nano-units."""
    total: Counter[int] = Counter()
    for line in _entry_lines(ledger.events(stream_id)):
        total[line.code] += line.amount if line.side == "debit" else -line.amount
    return dict(total)


def holder_of(ledger: Rehearsal, attempt_id: str, source: str = "gw", tenant: str = "t1") -> EventPayload:
    """The event that holds an attempt, by the index."""
    row = ledger.store.attempts[attempt_key(tenant, source, attempt_id)]
    return ledger.at(row.shard, row.position)


def _entry_lines(events: list[EventPayload]) -> Iterator[Any]:
    for event in events:
        for entry in getattr(event, "entries", ()):
            yield from entry.lines
