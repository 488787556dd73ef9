"""Rows of when something happens by itself: where the scheduler finds idle accounts (C6), and what was announced.

They follow from the state, are written in the transaction of the events that changed it, and can be made again from
them.
"""

from __future__ import annotations

from usage_ledger.accounts.account import Account
from usage_ledger.deciding import Aggregate
from usage_ledger.due_places import GOVERNANCE_DUE
from usage_ledger.governance.governance import Governance
from usage_ledger.store import Batch, DueRow
from usage_ledger.streams import PLATFORM
from usage_ledger.timeline import END


def next_due_of(aggregate: Aggregate) -> int:
    """``END`` for whatever the clock does nothing to."""
    return aggregate.next_due if isinstance(aggregate, Account | Governance) else END


def index_due(batch: Batch, shard: int, tenant: str, aggregate: Aggregate, due_before: int) -> None:
    """Note when it is due next, if an event has changed that. Whoever announced something, it is the platform's."""
    next_due = next_due_of(aggregate)
    if next_due == due_before:
        return
    place = (tenant, aggregate.account_id) if isinstance(aggregate, Account) else (PLATFORM, GOVERNANCE_DUE)
    batch.due[place] = None if next_due == END else DueRow(*place, shard, next_due)
