"""Rows of attempts that name their own source, so that one is found by its id alone.

Sources of keys and topics are few and known; an item may name any other. They follow from the events, are written in
their transaction, and can be made again from them.
"""

from __future__ import annotations

from usage_ledger.accounts.events import UsageRecorded
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, NamedSourceRow
from usage_ledger.usage.attempt_digests import id_digest
from usage_ledger.usage.events import UsageQuarantined


def index_sources(batch: Batch, envelope: Envelope, payload: EventPayload) -> None:
    match payload:
        case UsageRecorded():
            for line in payload.lines:
                if line.detail is not None and line.detail.source is not None:
                    _name(batch, envelope.tenant, line.attempt_id, line.detail.source)
        case UsageQuarantined():
            for item in payload.items:
                if item.source != envelope.source:
                    _name(batch, envelope.tenant, item.attempt_id, item.source)
        case _:
            pass


def _name(batch: Batch, tenant: str, attempt_id: str, source: str) -> None:
    batch.named_sources.add(NamedSourceRow(id_digest(tenant, attempt_id), source))
