"""Accounts and their credit."""

from __future__ import annotations

from typing import Any, Final

from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.lifecycle.commands import CloseAccount, ResumeAccount, SuspendAccount
from usage_ledger.scenarios.cast import DEFAULT_CURRENCY
from usage_ledger.scenarios.translating.asked import REASON, Asked, Telling, Translation, made, to


def _open_account(telling: Telling) -> Asked:
    """Of an organization, in USD, where the file says nothing else."""
    values: dict[str, Any] = {"owner_kind": "org", "currency": DEFAULT_CURRENCY, **telling.fields}
    values["account_id"] = values.pop("account")
    values.pop("tenant", None)
    return Asked(telling.tenant_of("account"), made(telling, OpenAccount, values))


def _grant_credits(telling: Telling) -> Asked:
    """A grant's reference is its command id where the file names none."""
    values = {"reference": telling.command.command_id, "reason": REASON, **telling.fields}
    values["account_id"] = values.pop("account")
    values.pop("lot", None)
    return Asked(telling.tenant_of("account"), made(telling, GrantCredits, values))


def _grant_allowance(telling: Telling) -> Asked:
    """Nothing of it outlives its period where the file names no rollover."""
    values = {"rollover": "none", **telling.fields}
    values["account_id"] = values.pop("account")
    values.pop("lot", None)
    return Asked(telling.tenant_of("account"), made(telling, GrantAllowance, values))


TRANSLATIONS: Final[dict[str, Translation]] = {
    "OpenAccount": _open_account,
    "SuspendAccount": to(SuspendAccount, account="account_id"),
    "ResumeAccount": to(ResumeAccount, account="account_id"),
    "CloseAccount": to(CloseAccount, account="account_id", defaults={"reason": REASON}),
    "RecordPurchase": to(RecordPurchase, account="account_id", without=("purchase", "lot")),
    "GrantCredits": _grant_credits,
    "GrantAllowance": _grant_allowance,
    "ReportPaymentFailure": to(ReportPaymentFailure, account="account_id"),
}
