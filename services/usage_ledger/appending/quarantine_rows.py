"""Rows of what is in quarantine, which follow from the events of the quarantine stream.

They are that stream's whole state: ids and reasons. It is kept as rows and not in memory because nothing bounds how
much may wait; it is written in the transaction of the events and can be made again from them.
"""

from __future__ import annotations

from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, QuarantineRow
from usage_ledger.usage.attempt_digests import attempt_key
from usage_ledger.usage.events import (
    JudgedItem,
    PayerAssigned,
    QuarantinedDiscarded,
    QuarantinedItem,
    UsageQuarantined,
    WaitingUsageJudged,
)


def index_quarantine(batch: Batch, envelope: Envelope, payload: EventPayload) -> None:
    tenant = envelope.tenant
    match payload:
        case UsageQuarantined():
            for item in payload.items:
                _keep(batch, tenant, item, item.disposition, item.reason)
        case WaitingUsageJudged():
            for item in payload.items:
                if item.reason is not None:
                    _keep(batch, tenant, item, "waiting", item.reason)
                else:
                    batch.quarantined[attempt_key(tenant, item.source, item.attempt_id), "waiting"] = None
        case PayerAssigned():
            batch.quarantined[attempt_key(tenant, payload.attempt_source, payload.attempt_id), "waiting"] = None
        case QuarantinedDiscarded():
            key = attempt_key(tenant, payload.attempt_source, payload.attempt_id)
            batch.quarantined[key, payload.disposition] = None
        case _:
            pass


def _keep(batch: Batch, tenant: str, item: QuarantinedItem | JudgedItem, disposition: str, reason: str) -> None:
    key = attempt_key(tenant, item.source, item.attempt_id)
    batch.quarantined[key, disposition] = QuarantineRow(key, disposition, tenant, item.workspace_id, reason)
