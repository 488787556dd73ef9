"""Every conflict that was noted is one row, for good."""

from __future__ import annotations

from typing import NamedTuple

from usage_ledger_views.event import Event


class ConflictRow(NamedTuple):
    """A row of ``views.conflicts``, its columns in the table's order."""

    tenant: str
    position: int
    place: int
    source: str
    attempt_id: str
    workspace_id: str
    kind: str
    first_content: bytes
    second_content: bytes
    amount_at_risk: int | None
    currency: str | None
    raw: bytes
    noted_at: int


def usage_conflict_noted(rows: list[ConflictRow], event: Event) -> None:
    record = event.record
    for place, conflict in enumerate(record["conflicts"]):
        rows.append(
            ConflictRow(
                tenant=record["tenant"],
                position=event.position,
                place=place,
                source=conflict["source"],
                attempt_id=conflict["attempt_id"],
                workspace_id=conflict["workspace_id"],
                kind=conflict["kind"],
                first_content=conflict["first_content"],
                second_content=conflict["second_content"],
                amount_at_risk=conflict["amount_at_risk"],
                currency=conflict["currency"],
                raw=conflict["raw"],
                noted_at=record["recorded_at"],
            )
        )


APPLIERS = {"UsageConflictNoted": usage_conflict_noted}
