"""Commands about accounts and their money, with their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_ledger.scenarios.reading.command_words import command, of_account
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
    text,
    time,
)
from usage_ledger.scenarios.reading.shapes import line

ACCOUNT_WORDS: Final[Mapping[str, Kind]] = {
    "OpenAccount": command(
        {
            **of_account,
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
    "SuspendAccount": command({**of_account, "reason": text}, "account", "reason"),
    "ResumeAccount": command({**of_account, "reason": text}, "account", "reason"),
    "CloseAccount": command(of_account, "account"),
    "PostEntry": command({**of_account, "lines": many(line)}, "account", "lines"),
    "RecordPurchase": command(
        {
            **of_account,
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
    "ReportPaymentFailure": command({**of_account, "payment_ref": text}, "account", "payment_ref"),
    "GrantCredits": command(
        {
            **of_account,
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
    "GrantAllowance": command(
        {**of_account, "plan": label, "period": month, "amount": money, "rollover": text, "lot": label},
        *("account", "plan", "period", "amount"),
    ),
    "RefundPurchase": command(
        {**of_account, "purchase": label, "refund": label, "amount": money}, *("account", "purchase", "amount")
    ),
    "OpenDispute": command(
        {**of_account, "dispute": label, "purchase": label, "amount": money}, *("account", "dispute", "purchase")
    ),
    "CloseDispute": command(
        {**of_account, "dispute": label, "outcome": one_of("won", "lost")}, *("account", "dispute", "outcome")
    ),
    "TransferCredits": command(
        {"from": label, "to": label, "amount": money, "transfer": label}, *("from", "to", "amount")
    ),
    "ChargeFee": command(
        {
            **of_account,
            "fee": one_of("subscription", "storage", "other"),
            "period": text,
            "amount": money,
            "capped": flag,
            "suspend_if_short": flag,
        },
        *("account", "fee", "period", "amount"),
    ),
    "AdjustBalance": command(
        {**of_account, "amount": money, "reason": text, "approver": text, "lot": label},
        *("account", "amount", "reason", "approver"),
    ),
    "WriteOffOverdraft": command(
        {**of_account, "amount": money, "reason": text, "approver": text},
        *("account", "amount", "reason", "approver"),
    ),
    "DeclareDividend": command(
        {"dividend": label, "pool": money, "recipients": many(label)}, *("dividend", "pool", "recipients")
    ),
    "PayDividend": command({"dividend": label, "stop_after": count}, "dividend"),
}
