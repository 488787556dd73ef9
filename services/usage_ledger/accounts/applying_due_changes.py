"""ApplyDueChanges: what any other command would do first, for an account that has none (C6)."""

from __future__ import annotations

import msgspec

from usage_ledger.accounts.commands import ApplyDueChanges
from usage_ledger.accounts.current import current_account
from usage_ledger.deciding import Decision
from usage_ledger.timeline import END


class DueChangesAnswer(msgspec.Struct, frozen=True):
    """When something is due next, microseconds UTC; None if nothing will be."""

    account_id: str
    next_due: int | None


def apply_due_changes(command: ApplyDueChanges, decision: Decision) -> DueChangesAnswer:
    """Raises ``Refusal('account_not_found')``."""
    account = current_account(decision, command.account_id)
    return DueChangesAnswer(account.account_id, None if account.next_due == END else account.next_due)
