"""The price book."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.pricing.commands import ImportPrice, MapModel, PublishPrices, SetPricingPolicy, WithdrawPrice
from usage_ledger.scenarios.cast import DEFAULT_CURRENCY
from usage_ledger.scenarios.translating.asked import REASON, Asked, Telling, Translation, made, to
from usage_ledger.streams import PLATFORM


def _publish_prices(telling: Telling) -> Asked:
    """Of the sell list, from the clock on, under a version made of its place, where the file is silent."""
    fields = telling.fields
    account = fields.get("account")
    values: dict[str, Any] = {
        "version": telling.command.command_id,
        "list": "sell",
        "currency": DEFAULT_CURRENCY if account is None else telling.cast.currency(account),
        "effective_from": telling.now,
        "reason": REASON,
        **fields,
    }
    if account is not None:
        values["account_id"] = values.pop("account")
    tenant = PLATFORM if account is None else telling.tenant_of("account")
    return Asked(tenant, made(telling, PublishPrices, values))


def _set_pricing_policy(telling: Telling) -> Asked:
    """For all accounts where the file names none."""
    values = dict(telling.fields)
    if "account" not in values:
        return Asked(PLATFORM, made(telling, SetPricingPolicy, values))
    values["account_id"] = values.pop("account")
    return Asked(telling.tenant_of("account"), made(telling, SetPricingPolicy, values))


TRANSLATIONS: Final[dict[str, Translation]] = {
    "PublishPrices": _publish_prices,
    "WithdrawPrice": to(WithdrawPrice, by=None, defaults={"reason": REASON}),
    "MapModel": to(MapModel, by=None),
    "ImportPrice": to(ImportPrice, by=None),
    "SetPricingPolicy": _set_pricing_policy,
}
