"""Usage. A case names the paying account; the ledger charges workspaces, so each account has one, and one for byok."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.scenarios.translating.asked import Asked, Telling, Translation
from usage_ledger.scenarios.translating.workspaces import mode_of, workspace_of
from usage_ledger.scenarios.wire_time import as_wire_time
from usage_ledger.usage.attempt import prepare_all
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.counts import BUCKET_BY_WIRE_NAME
from usage_ledger.usage.item import UsageItem

_WIRE_NAMES: Final = {bucket: wire for wire, bucket in BUCKET_BY_WIRE_NAME.items()}
_SAME: Final = (
    *("model", "status", "operation", "capability", "fallback_from", "credential"),
    *("api_flavor", "raw_usage"),
)
_SAME_OF_ALL: Final = {"hold": "hold_id", "bill_to": "bill_to", "attribution": "attributed_to"}


def _record_usage(telling: Telling) -> Asked:
    """Usage without an id of its own goes by its attempt ids (U1)."""
    fields = telling.fields
    tenant = telling.tenant_of("account")
    try:
        items = msgspec.convert([_item(telling, item) for item in fields["items"]], list[UsageItem])
    except msgspec.ValidationError as error:
        raise telling.wrong(str(error)) from None
    backfill = fields.get("backfill")
    command = RecordUsage(
        prepare_all(items, tenant, telling.command.source),
        atomic=fields.get("atomic", False),
        final=fields.get("final", True),
        backfill=None if backfill is None else Backfill(backfill["reason"], backfill["approved_by"]),
    )
    return Asked(tenant, command, has_identity=telling.command.is_named)


def _item(telling: Telling, item: Mapping[str, Any]) -> dict[str, Any]:
    account = telling.fields["account"]
    occurred_at = item.get("occurred_at", telling.fields.get("occurred_at", telling.now))
    told: dict[str, Any] = {
        "id": item["attempt"],
        "workspace_id": workspace_of(account, mode_of(item)),
        "occurred_at": as_wire_time(occurred_at),
        **{name: item[name] for name in _SAME if name in item},
        **{ours: telling.fields[name] for name, ours in _SAME_OF_ALL.items() if name in telling.fields},
    }
    if "raw_usage" not in item:
        told["usage"] = on_the_wire(item.get("buckets", {}))
    if "reported_cost" in item:
        currency = item.get("currency", telling.cast.currency(account))
        told["reported_cost"] = {"amount": item["reported_cost"], "currency": currency}
    return told


def on_the_wire(buckets: Mapping[str, int]) -> dict[str, int]:
    """Counts by the wire's names of their units; a unit that there is not keeps its name."""
    return {_WIRE_NAMES.get(bucket, bucket): quantity for bucket, quantity in buckets.items()}


TRANSLATIONS: Final[dict[str, Translation]] = {
    "RecordUsage": _record_usage,
}
