"""The body of ``POST /v1/usage``: one item or many, decoded straight into the domain's items and split by tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

import msgspec

from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.entrypoints.http.authentication import Caller, key_scope
from usage_ledger.entrypoints.http.bodies import decode, require_no_nul
from usage_ledger.entrypoints.http.long_numbers import with_short_numbers
from usage_ledger.entrypoints.http.problems import InvalidRequest
from usage_ledger.usage.item import UsageItem

MAX_ITEMS: Final = 1_000


class UsageBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items in the order in which they are answered. ``atomic``: record all of them or none.

    ``backfill`` lets usage in that is older than what is taken otherwise (U6).
    """

    items: Annotated[list[UsageItem], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]
    atomic: bool = False
    backfill: Backfill | None = None


class LoneItem(UsageBatch, frozen=True, forbid_unknown_fields=True):
    """What a body that is one item stands for."""


class TenantPart(NamedTuple):
    """The items of one tenant, and where they stood in the request."""

    tenant: str
    items: Sequence[UsageItem]
    places: Sequence[int]


_batch: Final = msgspec.json.Decoder(UsageBatch)
_item: Final = msgspec.json.Decoder(UsageItem)
_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class DecodedUsage(NamedTuple):
    """What was sent, and the bytes that say it: those of the request, but for numbers too long to be read."""

    batch: UsageBatch
    body: bytes


def decode_usage(body: bytes) -> DecodedUsage:
    """The batch; a lone item is a batch of one. Raises InvalidRequest (422) for a body that is neither."""
    try:
        require_no_nul(body)
        return DecodedUsage(_batch.decode(body), body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        readable = with_short_numbers(body)
        return DecodedUsage(_decode_other(readable), readable)


def split_by_tenant(batch: UsageBatch, caller: Caller) -> list[TenantPart]:
    """Whose items these are. Raises Problem ``key_scope`` when the key may not say so, before anything is stored."""
    if caller.key.workspace_id is not None:
        _require_workspace(batch, caller)
    if caller.key.bill_to is not None:
        for item in batch.items:
            caller.require_bill_to(item.bill_to)
    if caller.is_gateway:
        return _split_named(batch, caller)
    if any(item.tenant is not None for item in batch.items):
        raise key_scope("only a gateway key may name a tenant")
    return [TenantPart(caller.tenant, batch.items, range(len(batch.items)))]


def _decode_other(body: bytes) -> UsageBatch:
    """Not a good batch: a good lone item, or an error told in the terms of what the body was meant to be."""
    members = decode(body, _members)
    if "items" not in members:
        return LoneItem([decode(body, _item)])
    try:
        return decode(body, _batch)
    except InvalidRequest as invalid:
        raise _too_many_items(invalid) from None


def _too_many_items(invalid: InvalidRequest) -> InvalidRequest:
    if invalid.code == "invalid_value" and "<=" in invalid.detail and invalid.errors[0].pointer == "/items":
        return InvalidRequest("too_many_items", f"a request holds at most {MAX_ITEMS} items", "/items")
    return invalid


def _require_workspace(batch: UsageBatch, caller: Caller) -> None:
    for workspace_id in {item.workspace_id for item in batch.items}:
        caller.require_reach(caller.key.account_id, workspace_id)


def _split_named(batch: UsageBatch, caller: Caller) -> list[TenantPart]:
    items: dict[str, list[UsageItem]] = {}
    places: dict[str, list[int]] = {}
    for place, item in enumerate(batch.items):
        tenant = item.tenant
        if tenant is None:
            raise InvalidRequest("missing_field", "a gateway key names the tenant of each item", _pointer(batch, place))
        if tenant not in items:
            caller.require_tenant(tenant)
            items[tenant], places[tenant] = [], []
        items[tenant].append(item)
        places[tenant].append(place)
    return [TenantPart(tenant, items[tenant], places[tenant]) for tenant in items]


def _pointer(batch: UsageBatch, place: int) -> str:
    return "/tenant" if isinstance(batch, LoneItem) else f"/items/{place}/tenant"
