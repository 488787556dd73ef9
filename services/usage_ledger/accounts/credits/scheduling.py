"""Grants for a time to come, which post when it has come (C9): ActivateGrant is the clock's."""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.credits.granted import granted_now
from usage_ledger.accounts.due_change import DueChange


def scheduled_grant(account: Account, now: int) -> DueChange | None:
    """The first scheduled grant that has taken effect."""
    if account.credit_record.next_grant > now:
        return None
    scheduled = account.credit_record.scheduled
    version = min(scheduled, key=lambda version: (scheduled[version].effective_at, version))
    grant = scheduled[version]
    command_id = f"activate-grant/{account.account_id}/{version}"
    return DueChange(grant.effective_at, version, command_id, lambda: granted_now(account, grant))
