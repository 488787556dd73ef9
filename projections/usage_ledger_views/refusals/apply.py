"""Every refusal is one row, for good."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from usage_ledger_views.event import Event

_to_json = msgspec.json.Encoder().encode


class RefusalRow(NamedTuple):
    """A row of ``views.refusals``, its columns in the table's order. ``facts`` is JSON text."""

    tenant: str
    position: int
    source: str
    command_id: str
    command_type: str
    code: str
    detail: str
    facts: str
    actor_kind: str
    actor_id: str
    refused_at: int


def command_refused(rows: list[RefusalRow], event: Event) -> None:
    record = event.record
    rows.append(
        RefusalRow(
            tenant=record["tenant"],
            position=event.position,
            source=record["source"],
            command_id=record["command_id"],
            command_type=record["command_type"],
            code=record["code"],
            detail=record["detail"],
            facts=_to_json({fact["name"]: fact["value"] for fact in record["facts"]}).decode(),
            actor_kind=record["actor"]["kind"],
            actor_id=record["actor"]["id"],
            refused_at=record["recorded_at"],
        )
    )


APPLIERS = {"CommandRefused": command_refused}
