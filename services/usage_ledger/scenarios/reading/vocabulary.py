"""Every command that a scenario of ``ledger-cases/1`` may name, with its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from usage_ledger.scenarios.reading.fields import (
    Kind,
    count,
    currency,
    flag,
    label,
    many,
    money,
    month,
    one_of,
    record,
    text,
    time,
)
from usage_ledger.scenarios.reading.misfit import Misfit
from usage_ledger.scenarios.reading.node import Node
from usage_ledger.scenarios.reading.shapes import (
    approved,
    attribution,
    buckets,
    item,
    line,
    margin,
    price_form,
    prices_by_bucket,
    scope,
)

_EVERY: Final[Mapping[str, Kind]] = {"id": label, "source": label, "at": time}
"""What every command may carry."""


def _command(kinds: Mapping[str, Kind], *needs: str) -> Kind:
    return record({**kinds, **_EVERY}, needs)


def _with_one_of(kind: Kind, *choices: tuple[str, str]) -> Kind:
    """Of each pair exactly one has to be there."""

    def read(node: Node) -> dict[str, Any]:
        for first, second in choices:
            if (first in node.members()) == (second in node.members()):
                raise Misfit(node.line, f"expected either {first} or {second}")
        return kind(node)

    return read


_of_account: Final = {"account": label}

COMMANDS: Final[Mapping[str, Kind]] = {
    "OpenAccount": _command(
        {
            **_of_account,
            "tenant": label,
            "owner_kind": one_of("personal", "org", "platform_service"),
            "tier": one_of("internal", "demo", "testing"),
            "funding": one_of("prepaid", "invoiced"),
            "currency": currency,
            "zone": text,
            "overdraft_limit": money,
            "credit_limit": money,
            "members": many(label),
            "workspaces": many(label),
        },
        "account",
    ),
    "SuspendAccount": _command({**_of_account, "reason": text}, "account", "reason"),
    "ResumeAccount": _command({**_of_account, "reason": text}, "account", "reason"),
    "CloseAccount": _command(_of_account, "account"),
    "PostEntry": _command({**_of_account, "lines": many(line)}, "account", "lines"),
    "RecordPurchase": _command(
        {
            **_of_account,
            "amount": money,
            "payment_ref": text,
            "purchase": label,
            "lot": label,
            "priority": count,
            "expires_at": time,
            "currency": currency,
        },
        *("account", "amount", "payment_ref"),
    ),
    "ReportPaymentFailure": _command({**_of_account, "payment_ref": text}, "account", "payment_ref"),
    "GrantCredits": _command(
        {
            **_of_account,
            "kind": label,
            "amount": money,
            "reference": text,
            "lot": label,
            "priority": count,
            "effective_at": time,
            "expires_at": time,
        },
        *("account", "kind", "amount"),
    ),
    "GrantAllowance": _command(
        {**_of_account, "plan": label, "period": month, "amount": money, "rollover": text, "lot": label},
        *("account", "plan", "period", "amount"),
    ),
    "RefundPurchase": _command(
        {**_of_account, "purchase": label, "refund": label, "amount": money}, *("account", "purchase", "amount")
    ),
    "OpenDispute": _command(
        {**_of_account, "dispute": label, "purchase": label, "amount": money}, *("account", "dispute", "purchase")
    ),
    "CloseDispute": _command(
        {**_of_account, "dispute": label, "outcome": one_of("won", "lost")}, *("account", "dispute", "outcome")
    ),
    "TransferCredits": _command(
        {"from": label, "to": label, "amount": money, "transfer": label}, *("from", "to", "amount")
    ),
    "ChargeFee": _command(
        {
            **_of_account,
            "fee": one_of("subscription", "storage", "other"),
            "period": text,
            "amount": money,
            "capped": flag,
            "suspend_if_short": flag,
        },
        *("account", "fee", "period", "amount"),
    ),
    "AdjustBalance": _command(
        {**_of_account, "amount": money, "reason": text, "approver": text, "lot": label},
        *("account", "amount", "reason", "approver"),
    ),
    "WriteOffOverdraft": _command(
        {**_of_account, "amount": money, "reason": text, "approver": text},
        *("account", "amount", "reason", "approver"),
    ),
    "DeclareDividend": _command(
        {"dividend": label, "pool": money, "recipients": many(label)}, *("dividend", "pool", "recipients")
    ),
    "PayDividend": _command({"dividend": label, "stop_after": count}, "dividend"),
    "PlaceHold": _with_one_of(
        _command(
            {
                **_of_account,
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
    "ReleaseHold": _command({**_of_account, "hold": label}, "account", "hold"),
    "RecordUsage": _command(
        {
            **_of_account,
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
    "CorrectUsage": _command(
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
    "RerateUsage": _command({**_of_account, "from": time, "to": time, "dry_run": flag}, *("account", "from", "to")),
    "PublishPrices": _command(
        {
            "version": label,
            "model": label,
            "list": one_of("sell", "cost"),
            **_of_account,
            "currency": currency,
            "effective_from": time,
            "effective_to": time,
            "price": price_form,
        },
        *("model", "price"),
    ),
    "WithdrawPrice": _command({"version": label}, "version"),
    "MapModel": _command({"alias": label, "model": label}, "alias", "model"),
    "ImportPrice": _command(
        {
            "source_name": one_of("genai-prices", "litellm"),
            "model": label,
            "per_million": prices_by_bucket,
            "effective_from": time,
        },
        *("source_name", "model", "per_million"),
    ),
    "SetPricingPolicy": _command(
        {
            **_of_account,
            "model": text,
            "margin": margin,
            "minimum_charge": money,
            "unpriced": one_of("block", "allow"),
            "byok_fee_per_request": money,
            "charge_failed": flag,
        }
    ),
    "SetBudget": _command(
        {
            **_of_account,
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
    "ConfigureAutoTopup": _command(
        {**_of_account, "threshold": money, "amount": money, "monthly_cap": money}, *("account", "threshold", "amount")
    ),
    "CompleteTopup": _command({**_of_account, "topup": label}, "account", "topup"),
    "FailTopup": _command({**_of_account, "topup": label}, "account", "topup"),
    "AuthorizeBillTo": _command(
        {"payer": label, "beneficiary": label, "cap": money, "expires_at": time}, "payer", "beneficiary"
    ),
    "RevokeBillTo": _command({"payer": label, "beneficiary": label}, "payer", "beneficiary"),
    "SetRateLimit": _command(
        {**_of_account, "capability": label, "limit": count, "per_seconds": count, "burst": count},
        *("account", "limit", "per_seconds"),
    ),
    "IssueServiceKey": _command(
        {"key": label, **_of_account, "capabilities": many(label), "expires_at": time}, "key", "account"
    ),
    "RotateServiceKey": _command({"key": label, "new_key": label, "old_valid_until": time}, "key", "new_key"),
    "RevokeServiceKey": _command({"key": label}, "key"),
    "AdvanceClock": _command({"to": time}, "to"),
    "TamperLine": _command({"entry_of": label, "code": text, "amount": money}, *("entry_of", "code", "amount")),
}
