"""ApplyDueChanges: what any other command would do first, for an account that has none (C6)."""

from __future__ import annotations

from typing import Final

import msgspec

from usage_ledger.accounts.commands import ApplyDueChanges
from usage_ledger.accounts.current import opened_account
from usage_ledger.accounts.due_changes import append_due_changes
from usage_ledger.deciding import Decision
from usage_ledger.timeline import END

DUE_MAX: Final = 100
"""Of one account in one append: bounds how long its shard stays locked for what can wait."""


class DueChangesAnswer(msgspec.Struct, frozen=True):
    """How many events that appended, and when something is due next, microseconds UTC; None if nothing will be."""

    account_id: str
    appended: int
    next_due: int | None


def apply_due_changes(command: ApplyDueChanges, decision: Decision) -> DueChangesAnswer:
    """As many as fit one append; the rest stays due. Raises ``Refusal('account_not_found')``."""
    account = opened_account(decision, command.account_id)
    version = account.version
    append_due_changes(decision, account, DUE_MAX)
    next_due = None if account.next_due == END else account.next_due
    return DueChangesAnswer(account.account_id, account.version - version, next_due)
