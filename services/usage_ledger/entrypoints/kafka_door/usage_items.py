"""The items of a RecordUsage command, and whose they are: a gateway serves many customers and batches across them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from usage_ledger.accounts.holds.commands import SettleHold
from usage_ledger.entrypoints.http.usage_request import MAX_ITEMS, TenantPart, UsageBatch
from usage_ledger.entrypoints.kafka_door.not_taken import NotTaken
from usage_ledger.entrypoints.kafka_door.payload import command_of
from usage_ledger.usage.corrections.commands import CorrectUsage
from usage_ledger.usage.item import UsageItem
from usage_ledger_schemas import codec

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_batch(record: codec.Decoded) -> UsageBatch:
    """The batch that HTTP takes as a body. Raises NotTaken."""
    if len(record["items"]) > MAX_ITEMS:
        raise NotTaken("too_many_items", f"a request holds at most {MAX_ITEMS} items", "/items")
    for place, item in enumerate(record["items"]):
        _read_item(item, f"/items/{place}")
    return command_of(UsageBatch, record)


def read_settlement(record: codec.Decoded) -> SettleHold:
    """Raises NotTaken."""
    if record["item"] is not None:
        _read_item(record["item"], "/item")
    return command_of(SettleHold, record)


def read_correction(record: codec.Decoded) -> CorrectUsage:
    """Raises NotTaken."""
    if record["raw_usage"] is not None:
        _read_raw_usage(record, "")
    return command_of(CorrectUsage, record)


def split_by_tenant(batch: UsageBatch, tenant: str, speaks_for: Callable[[str], bool]) -> list[TenantPart]:
    """The items of each tenant; those that name none are ``tenant``'s. Raises NotTaken."""
    parts: dict[str, tuple[list[UsageItem], list[int]]] = {}
    for place, item in enumerate(batch.items):
        named = item.tenant or tenant
        if named not in parts:
            if not speaks_for(named):
                raise tenant_not_allowed(f"/items/{place}/tenant")
            parts[named] = ([], [])
        items, places = parts[named]
        items.append(item)
        places.append(place)
    if batch.atomic and len(parts) > 1:
        raise NotTaken("invalid_value", "only items of one tenant can be recorded all or none", "/atomic")
    return [TenantPart(named, items, places) for named, (items, places) in parts.items()]


def tenant_not_allowed(pointer: str | None = None) -> NotTaken:
    return NotTaken("tenant_not_allowed", "this topic may not speak for the tenant", pointer, is_dead=True)


def _read_item(item: dict[str, Any], pointer: str) -> None:
    """What JSON says in other words than Avro."""
    item["occurred_at"] = _instant(item["occurred_at"], pointer)
    if item["raw_usage"] is not None:
        _read_raw_usage(item, pointer)


def _read_raw_usage(item: dict[str, Any], pointer: str) -> None:
    """Raw usage travels as JSON; beside it the map of counts, which a schema cannot leave out, is empty."""
    try:
        item["raw_usage"] = msgspec.json.decode(item["raw_usage"])
    except (msgspec.DecodeError, RecursionError):
        raise NotTaken("invalid_value", "expected an object as JSON", f"{pointer}/raw_usage") from None
    if not item["usage"]:
        del item["usage"]


def _instant(micros: int, pointer: str) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        detail = "expected microseconds since 1970 in UTC"
        raise NotTaken("invalid_value", detail, f"{pointer}/occurred_at") from None
