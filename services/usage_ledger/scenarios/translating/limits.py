"""Budgets and other limits of an account."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.accounts.limits.commands import CompleteTopup, ConfigureAutoTopup, FailTopup, SetBudget
from usage_ledger.accounts.rate_limits.commands import SetRateLimit
from usage_ledger.scenarios.translating.asked import Asked, Telling, Translation, made, to
from usage_ledger.usage.attempt import DEFAULT_CAPABILITY


def _set_budget(telling: Telling) -> Asked:
    """Of the whole account where the file names no scope; hard where it names no enforcement."""
    values: dict[str, Any] = dict(telling.fields)
    scope = values.pop("scope", "account")
    if isinstance(scope, dict):
        ((values["scope"], values["scope_value"]),) = scope.items()
    values["account_id"], values["budget_id"] = values.pop("account"), values.pop("budget")
    return Asked(telling.tenant_of("account"), made(telling, SetBudget, values))


TRANSLATIONS: Final[dict[str, Translation]] = {
    "SetBudget": _set_budget,
    "SetRateLimit": to(SetRateLimit, account="account_id", defaults={"capability": DEFAULT_CAPABILITY}),
    "ConfigureAutoTopup": to(ConfigureAutoTopup, account="account_id"),
    "CompleteTopup": to(CompleteTopup, account="account_id", topup="topup_id"),
    "FailTopup": to(FailTopup, account="account_id", topup="topup_id"),
}
