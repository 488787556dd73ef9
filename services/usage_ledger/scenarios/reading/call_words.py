"""Commands about calls: holds, usage, prices, limits and keys, with their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_ledger.scenarios.reading.command_words import command, of_account, with_one_of
from usage_ledger.scenarios.reading.fields import Kind, count, currency, flag, label, many, money, one_of, text, time
from usage_ledger.scenarios.reading.shapes import (
    approved,
    attribution,
    buckets,
    item,
    margin,
    price_form,
    prices_by_bucket,
    scope,
)

CALL_WORDS: Final[Mapping[str, Kind]] = {
    "PlaceHold": with_one_of(
        command(
            {
                **of_account,
                "key": label,
                "hold": label,
                "amount": money,
                "items": many(item),
                "expires_in_s": count,
                "capability": label,
                "attribution": attribution,
                "bill_to": label,
                "mode": one_of("platform_managed", "byok", "disabled"),
                "payer": label,
            }
        ),
        ("account", "key"),
        ("amount", "items"),
    ),
    "ReleaseHold": command({**of_account, "hold": label}, "account", "hold"),
    "RecordUsage": command(
        {
            **of_account,
            "hold": label,
            "final": flag,
            "items": many(item),
            "attribution": attribution,
            "bill_to": label,
            "atomic": flag,
            "backfill": approved,
            "occurred_at": time,
        },
        *("account", "items"),
    ),
    "CorrectUsage": command(
        {
            "attempt": label,
            "buckets": buckets,
            "reported_cost": money,
            "void": flag,
            "reason": text,
            "knowledge": one_of("original", "current"),
        },
        *("attempt", "reason"),
    ),
    "RerateUsage": command({**of_account, "from": time, "to": time, "dry_run": flag}, *("account", "from", "to")),
    "PublishPrices": command(
        {
            "version": label,
            "model": label,
            "list": one_of("sell", "cost"),
            **of_account,
            "currency": currency,
            "effective_from": time,
            "effective_to": time,
            "price": price_form,
        },
        *("model", "price"),
    ),
    "WithdrawPrice": command({"version": label}, "version"),
    "MapModel": command({"alias": label, "model": label}, "alias", "model"),
    "ImportPrice": command(
        {
            "source_name": one_of("genai-prices", "litellm"),
            "model": label,
            "per_million": prices_by_bucket,
            "effective_from": time,
        },
        *("source_name", "model", "per_million"),
    ),
    "SetPricingPolicy": command(
        {
            **of_account,
            "model": text,
            "margin": margin,
            "minimum_charge": money,
            "unpriced": one_of("block", "allow"),
            "byok_fee_per_request": money,
            "charge_failed": flag,
        }
    ),
    "SetBudget": command(
        {
            **of_account,
            "budget": label,
            "scope": scope,
            "window": one_of("day", "week", "month", "total"),
            "zone": text,
            "limit": money,
            "enforcement": one_of("hard", "soft"),
            "thresholds": many(count),
        },
        *("account", "budget", "window", "limit"),
    ),
    "ConfigureAutoTopup": command(
        {**of_account, "threshold": money, "amount": money, "monthly_cap": money}, *("account", "threshold", "amount")
    ),
    "CompleteTopup": command({**of_account, "topup": label}, "account", "topup"),
    "FailTopup": command({**of_account, "topup": label}, "account", "topup"),
    "AuthorizeBillTo": command(
        {"payer": label, "beneficiary": label, "cap": money, "expires_at": time}, "payer", "beneficiary"
    ),
    "RevokeBillTo": command({"payer": label, "beneficiary": label}, "payer", "beneficiary"),
    "SetRateLimit": command(
        {**of_account, "capability": label, "limit": count, "per_seconds": count, "burst": count},
        *("account", "limit", "per_seconds"),
    ),
    "IssueServiceKey": command(
        {"key": label, **of_account, "capabilities": many(label), "expires_at": time}, "key", "account"
    ),
    "RotateServiceKey": command({"key": label, "new_key": label, "old_valid_until": time}, "key", "new_key"),
    "RevokeServiceKey": command({"key": label}, "key"),
}
