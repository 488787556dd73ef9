"""What accounts and workspaces were by a point of history: folded from the store, read from scratch tables.

Amounts are nano-units, times microseconds UTC. Lists are bounded; what they leave out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from usage_ledger_views.replaying.history_fold import Broken, HistoryFold
from usage_ledger_views.replaying.scratch import use_scratch
from usage_ledger_views.replaying.stored_history import Selection, StoredHistory
from usage_ledger_views.view import View

LISTED_MAX: Final = 1_000

# Accounts as the last event before the point left them.
_BALANCES: Final = """
    SELECT tenant, account_id, status, currency, posted, held, available, overdraft, unbilled
      FROM views.account_balances ORDER BY tenant, account_id LIMIT %b
"""

# What moved money until then, newest first.
_ENTRIES: Final = """
    SELECT tenant, account_id, position, recorded_at, event_id::text AS event_id, type, effect, running_balance,
           reference
      FROM views.account_entries ORDER BY recorded_at DESC, tenant, account_id, position DESC LIMIT %b
"""

# Who paid for each workspace by then.
_MODES: Final = """
    SELECT tenant, workspace_id, mode, source, override, policy, payer, model
      FROM views.workspace_billing ORDER BY tenant, workspace_id LIMIT %b
"""

# How many there are of each, listed or not.
_COUNTS: Final = """
    SELECT (SELECT count(*) FROM views.account_balances), (SELECT count(*) FROM views.account_entries),
           (SELECT count(*) FROM views.workspace_billing)
"""


class PastBalance(msgspec.Struct, frozen=True):
    """An account's figures, nano-units of its currency."""

    tenant: str
    account_id: str
    status: str
    currency: str
    posted: int
    held: int
    available: int
    overdraft: int
    unbilled: int


class PastEntry(msgspec.Struct, frozen=True):
    """One event that moved money; ``effect`` is signed."""

    tenant: str
    account_id: str
    position: int
    recorded_at: int
    event_id: str
    type: str
    effect: int
    running_balance: int
    reference: str


class PastMode(msgspec.Struct, frozen=True):
    """Who paid for a workspace, and by which rung."""

    tenant: str
    workspace_id: str
    mode: str | None
    source: str | None
    override: str | None
    policy: str | None
    payer: str | None
    model: str | None


class Past(msgspec.Struct, frozen=True):
    """``positions`` is how far history was folded, by shard. The counts tell what the lists leave out."""

    positions: Mapping[int, int]
    events: int
    balances: tuple[PastBalance, ...]
    entries: tuple[PastEntry, ...]
    modes: tuple[PastMode, ...]
    accounts_count: int
    entries_count: int
    workspaces_count: int
    broken: tuple[Broken, ...]


def read_past(
    scratch: Connection[Any],
    views: Sequence[View[Any]],
    history: StoredHistory,
    until: Mapping[int, int],
    selection: Selection,
    progressed: Callable[[int], None],
) -> Past:
    """Fold the chosen streams up to a position of each shard, and read what came out. Raises psycopg.Error."""
    use_scratch(scratch, views)
    folded = HistoryFold(scratch, views, progressed)
    folded.take(history, until, selection)
    accounts_count, entries_count, workspaces_count = scratch.execute(_COUNTS).fetchone() or (0, 0, 0)
    return Past(
        positions=until,
        events=folded.events,
        balances=_listed(scratch, PastBalance, _BALANCES),
        entries=_listed(scratch, PastEntry, _ENTRIES),
        modes=_listed(scratch, PastMode, _MODES),
        accounts_count=accounts_count,
        entries_count=entries_count,
        workspaces_count=workspaces_count,
        broken=tuple(folded.broken),
    )


def _listed(scratch: Connection[Any], kind: type[Any], query: str) -> tuple[Any, ...]:
    with scratch.cursor(binary=True, row_factory=class_row(kind)) as cursor:
        return tuple(cursor.execute(query, (LISTED_MAX,)))  # pyright: ignore[reportArgumentType]
