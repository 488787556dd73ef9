"""A line without a price comes in with its usage and leaves when it is rated (U12)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.usage_summary.apply import UNPRICED


class AttemptName(NamedTuple):
    """Whose attempt it is, and its id: unique (U3)."""

    tenant: str
    source: str
    attempt_id: str


class SuspendedLine(NamedTuple):
    """The columns of ``views.suspense`` after its key, in the table's order."""

    account_id: str
    workspace_id: str
    provider: str | None
    model: str
    reason: str
    amount_at_risk: int | None
    currency: str | None
    occurred_at: int
    since: int
    position: int
    place: int


class SuspenseChanges(msgspec.Struct):
    """``lines`` by attempt, None where it was rated; ``corrected`` may be listed already, with what it was before."""

    lines: dict[AttemptName, SuspendedLine | None] = {}
    corrected: set[AttemptName] = set()


def usage_recorded(changes: SuspenseChanges, event: Event) -> None:
    """Usage that nobody is charged for needs no price."""
    record = event.record
    if record["account_id"] is None:
        return
    for place, line in enumerate(record["lines"]):
        if line["outcome"] in UNPRICED:
            changes.lines[_name(record, line)] = _suspended(event, line, place)


def suspended_usage_rated(changes: SuspenseChanges, event: Event) -> None:
    for line in event.record["lines"]:
        changes.lines[_name(event.record, line)] = None


def usage_corrected(changes: SuspenseChanges, event: Event) -> None:
    """A line comes in or leaves with its price, or waits for another amount (U16)."""
    record = event.record
    if record["account_id"] is None:
        return
    for place, (line, before) in enumerate(zip(record["lines"], record["before"], strict=True)):
        if line["outcome"] in UNPRICED:
            changes.lines[_name(record, line)] = _suspended(event, line, place)
            changes.corrected.add(_name(record, line))
        elif before["outcome"] in UNPRICED:
            changes.lines[_name(record, line)] = None


def _name(record: dict[str, Any], line: dict[str, Any]) -> AttemptName:
    detail = line["detail"]
    return AttemptName(record["tenant"], (detail and detail["source"]) or record["source"], line["attempt_id"])


def _suspended(event: Event, line: dict[str, Any], place: int) -> SuspendedLine:
    record = event.record
    price = record["prices"][line["price"]]
    amount, currency = _at_risk(record, line, price)
    return SuspendedLine(
        account_id=record["account_id"],
        workspace_id=record["decisions"][line["decision"]]["workspace_id"],
        provider=price["provider"],
        model=price["model"],
        reason=line["outcome"],
        amount_at_risk=amount,
        currency=currency,
        occurred_at=line["occurred_at"],
        since=record["recorded_at"],
        position=event.position,
        place=place,
    )


def _at_risk(record: dict[str, Any], line: dict[str, Any], price: dict[str, Any]) -> tuple[int | None, str | None]:
    """What the entry in suspense says; without one, what the call is known to have cost."""
    detail = line["detail"]
    if detail is not None and detail["suspense"] is not None:
        return detail["suspense"], record["currency"]
    cost: dict[str, Any] | None = price["cost"] or (detail and detail["reported_cost"])
    if cost is None or line["provider_cost"] is None:
        return None, None
    return line["provider_cost"], cost["currency"]


APPLIERS = {
    "UsageRecorded": usage_recorded,
    "SuspendedUsageRated": suspended_usage_rated,
    "UsageCorrected": usage_corrected,
}
