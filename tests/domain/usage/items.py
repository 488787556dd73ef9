"""Usage items as a gateway sends them, with everything but what a test speaks of filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from usage_ledger.usage.attempt import Attempt, prepare
from usage_ledger.usage.item import UsageItem

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECODER = msgspec.json.Decoder(UsageItem)


def instant(micros: int) -> str:
    """RFC 3339 of microseconds UTC."""
    return (EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")


def wire(**fields: Any) -> bytes:
    """An item's JSON; ``occurred_at`` as microseconds or as text, ``usage`` None for an item without it."""
    occurred_at = fields.pop("occurred_at", "2026-03-02T12:00:00Z")
    item = {
        "id": "a1",
        "workspace_id": "ws",
        "occurred_at": instant(occurred_at) if isinstance(occurred_at, int) else occurred_at,
        "model": "acme/small",
        "usage": {"input_tokens": 1_000_000},
    }
    sent = item | fields
    if sent["usage"] is None:
        del sent["usage"]
    return msgspec.json.encode(sent)


def item(**fields: Any) -> UsageItem:
    return _DECODER.decode(wire(**fields))


def attempt(*, tenant: str = "t1", default_source: str = "gw", **fields: Any) -> Attempt:
    return prepare(item(**fields), tenant, default_source)
