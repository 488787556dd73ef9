"""Every decision about a run, and every refusal to start one, is one row, for good."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.provenance import provenance

REFUSED: Final = "refused"
"""The outcome of a row that decided nothing."""


class ProvisionRow(msgspec.Struct, frozen=True):
    """A row of ``views.decisions`` by its columns."""

    tenant: str
    position: int
    event_id: str
    workspace_id: str
    run_id: str
    outcome: str
    code: str | None
    also: list[str]
    mode: str
    source: str
    provider: str | None
    how: str
    policy: str
    registry_version: str | None
    registry_digest: str | None
    inputs: list[dict[str, Any]]
    trail: list[dict[str, Any]]
    faults: list[str]
    warnings: list[str]
    withheld: list[str]
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: int


def provision_decided(rows: list[ProvisionRow], event: Event) -> None:
    record = event.record
    rows.append(_row(event, outcome=record["outcome"], warnings=record["warnings"], withheld=record["withheld"]))


def provision_refused(rows: list[ProvisionRow], event: Event) -> None:
    rows.append(_row(event, outcome=REFUSED, code=event.record["code"], also=event.record["also"]))


def _row(
    event: Event,
    *,
    outcome: str,
    code: str | None = None,
    also: list[str] | None = None,
    warnings: list[str] | None = None,
    withheld: list[str] | None = None,
) -> ProvisionRow:
    record = event.record
    return ProvisionRow(
        tenant=record["tenant"],
        position=event.position,
        workspace_id=record["workspace_id"],
        run_id=record["run_id"],
        outcome=outcome,
        code=code,
        also=also or [],
        mode=record["mode"],
        source=record["mode_source"],
        provider=record["provider"],
        how=record["how"],
        policy=record["policy"],
        registry_version=record["registry_version"],
        registry_digest=record["registry_digest"],
        inputs=record["inputs"],
        trail=record["trail"],
        faults=record["faults"],
        warnings=warnings or [],
        withheld=withheld or [],
        recorded_at=record["recorded_at"],
        **provenance(record),
    )


APPLIERS = {"ProvisionDecided": provision_decided, "ProvisionRefused": provision_refused}
