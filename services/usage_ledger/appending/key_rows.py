"""Rows of the key register that follow from key events, written in the transaction of the events."""

from __future__ import annotations

import msgspec

from usage_ledger.keys.events import ServiceKeyIssued, ServiceKeyRevoked, ServiceKeyRotated
from usage_ledger.recorded_event import Envelope, EventPayload
from usage_ledger.store import Batch, KeyIssued, KeyRotated


def index_key(batch: Batch, envelope: Envelope, payload: EventPayload) -> None:
    if isinstance(payload, ServiceKeyIssued):
        batch.keys_issued.append(_issued(envelope.tenant, payload))
    elif isinstance(payload, ServiceKeyRotated):
        batch.keys_rotated.append(KeyRotated(payload.key_id, payload.secret_hash, payload.old_valid_until))
    elif isinstance(payload, ServiceKeyRevoked):
        batch.keys_revoked.append((payload.key_id, envelope.recorded_at))


def _issued(tenant: str, key: ServiceKeyIssued) -> KeyIssued:
    return KeyIssued(
        key_id=key.key_id,
        tenant=tenant,
        secret_hash=key.secret_hash,
        prefix=key.prefix,
        scopes=list(key.scopes),
        source=key.key_source,
        account_id=key.account_id,
        workspace_id=key.workspace_id,
        tenants=_list(key.tenants),
        expires_at=key.expires_at,
        capabilities=_list(key.capabilities),
        models=_list(key.models),
        bill_to=_list(key.bill_to),
        circuit=None if key.circuit is None else list(msgspec.structs.astuple(key.circuit)),
    )


def _list(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)
