"""Rows of when something happens to an account by itself: where the scheduler finds idle accounts (C6).

They follow from the account's state, are written in the transaction of the events that changed it, and can be made
again from them.
"""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Aggregate
from usage_ledger.store import Batch, DueRow
from usage_ledger.timeline import END


def next_due_of(aggregate: Aggregate) -> int:
    """``END`` for whatever the clock does nothing to."""
    return aggregate.next_due if isinstance(aggregate, Account) else END


def index_due(batch: Batch, shard: int, tenant: str, aggregate: Aggregate, due_before: int) -> None:
    """Note when the account is due next, if an event has changed that."""
    if isinstance(aggregate, Account) and aggregate.next_due != due_before:
        account_id, next_due = aggregate.account_id, aggregate.next_due
        row = None if next_due == END else DueRow(tenant, account_id, shard, next_due)
        batch.due[tenant, account_id] = row
