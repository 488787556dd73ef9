"""Holds: credit for a call that is about to be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from usage_ledger.accounts.bill_to.commands import AuthorizeBillTo, RevokeBillTo
from usage_ledger.accounts.holds.commands import PlaceHold, ReleaseHold
from usage_ledger.scenarios.translating.asked import Asked, Telling, Translation, made, to
from usage_ledger.scenarios.translating.usage import on_the_wire
from usage_ledger.scenarios.translating.workspaces import mode_of, workspace_of

_SAME: Final = ("amount", "expires_in_s", "capability", "bill_to")


def _place_hold(telling: Telling) -> Asked:
    """Under its command id where the file does not name the hold."""
    fields = telling.fields
    account = fields["account"] if "account" in fields else telling.cast.account_of_key(fields["key"])
    item = _only_item(telling)
    values: dict[str, Any] = {
        "account_id": account,
        "hold_id": fields.get("hold", telling.command.command_id),
        "workspace_id": workspace_of(fields.get("payer", account), mode_of({**item, **fields})),
        **{name: fields[name] for name in _SAME if name in fields},
    }
    if item:
        values["estimate"] = _estimate(telling, account, item)
    if "attribution" in fields:
        values["attributed_to"] = fields["attribution"]
    return Asked(telling.cast.account(account).tenant, made(telling, PlaceHold, values))


def _only_item(telling: Telling) -> Mapping[str, Any]:
    items = telling.fields.get("items", [{}])
    if len(items) != 1:
        raise telling.wrong("a hold is for one call: it has one item")
    return items[0]


def _estimate(telling: Telling, account: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of the item are the most that the call can consume."""
    estimate: dict[str, Any] = {f"max_{unit}": most for unit, most in on_the_wire(item.get("buckets", {})).items()}
    if "reported_cost" in item:
        estimate["max_reported_cost"] = {
            "amount": item["reported_cost"],
            "currency": item.get("currency", telling.cast.currency(account)),
        }
    return {"model": item["model"], **{name: item[name] for name in ("credential",) if name in item}, **estimate}


TRANSLATIONS: Final[dict[str, Translation]] = {
    "PlaceHold": _place_hold,
    "AuthorizeBillTo": to(AuthorizeBillTo, by="payer", payer="account_id"),
    "RevokeBillTo": to(RevokeBillTo, by="payer", payer="account_id"),
    "ReleaseHold": to(ReleaseHold, hold="hold_id", without=("account",)),
}
