"""Every credential name that was refused is one row, for good, whichever stream it stands in."""

from __future__ import annotations

import msgspec

from usage_ledger_views.event import Event
from usage_ledger_views.provenance import provenance


class RejectedKeyRow(msgspec.Struct, frozen=True):
    """A row of ``views.rejected_key_writes`` by its columns."""

    tenant: str
    position: int
    event_id: str
    workspace_id: str
    organization_id: str
    scope: str
    name: str
    at_creation: bool
    code: str
    rule: str | None
    model: str | None
    runtime: str | None
    policy: str
    registry_version: str | None
    actor_kind: str
    actor_id: str
    on_behalf_of_kind: str | None
    on_behalf_of_id: str | None
    command_source: str
    command_id: str
    correlation_id: str
    recorded_at: int


def credential_write_rejected(rows: list[RejectedKeyRow], event: Event) -> None:
    record = event.record
    rows.append(
        RejectedKeyRow(
            tenant=record["tenant"],
            position=event.position,
            workspace_id=record["workspace_id"],
            organization_id=record["organization_id"],
            scope=record["scope"],
            name=record["name"],
            # A workspace that was not to begin has no stream, so it stands among the tenant's refusals.
            at_creation=event.stream_id == f"{record['tenant']}/refusals",
            code=record["code"],
            rule=record["rule"],
            model=record["model"],
            runtime=record["runtime"],
            policy=record["policy"],
            registry_version=record["registry_version"],
            recorded_at=record["recorded_at"],
            **provenance(record),
        )
    )


APPLIERS = {"CredentialWriteRejected": credential_write_rejected}
