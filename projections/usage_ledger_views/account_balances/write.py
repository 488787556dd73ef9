"""Writes what a batch did to accounts and lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec
from psycopg import Cursor

from usage_ledger_views.account_balances.apply import BalanceChanges
from usage_ledger_views.columns import columns

# Accounts that the batch opened. One that exists already is an error: its first event would have come twice.
_OPEN_ACCOUNTS = """
    INSERT INTO views.account_balances
           (tenant, account_id, owner_kind, tier, funding, currency, zone, overdraft_limit, credit_limit,
            opened_at, position, recorded_at, status)
    SELECT opened.*, 'open'
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
                  %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[]) AS opened
"""

# The figures of accounts that moved: balances as the last event says them, debt by how far it moved.
_MOVE_ACCOUNTS = """
    UPDATE views.account_balances AS account
       SET posted = moved.posted, held = moved.held, overdraft = account.overdraft + moved.overdraft,
           unbilled = account.unbilled + moved.unbilled, position = moved.position, recorded_at = moved.recorded_at
      FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                  %b::bigint[])
           AS moved (tenant, account_id, posted, held, overdraft, unbilled, position, recorded_at)
     WHERE account.tenant = moved.tenant AND account.account_id = moved.account_id
"""

# Lots that came in with the batch.
_OPEN_LOTS = """
    INSERT INTO views.account_lots
           (tenant, account_id, lot, kind, amount, remaining, priority, effective_at, expires_at, recorded_at, position)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::int[],
                         %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
"""

# What the batch's charges took from each lot.
_DRAW_LOTS = """
    UPDATE views.account_lots AS lot
       SET remaining = lot.remaining - drawn.amount
      FROM unnest(%b::text[], %b::text[], %b::text[], %b::bigint[]) AS drawn (tenant, account_id, lot, amount)
     WHERE lot.tenant = drawn.tenant AND lot.account_id = drawn.account_id AND lot.lot = drawn.lot
"""


# Whether accounts are open, suspended or closed since the batch.
_STATUSES = """
    UPDATE views.account_balances AS account SET status = changed.status
      FROM unnest(%b::text[], %b::text[], %b::text[]) AS changed (tenant, account_id, status)
     WHERE account.tenant = changed.tenant AND account.account_id = changed.account_id
"""

# How far accounts may go below zero since the batch.
_OVERDRAFT_LIMITS = """
    UPDATE views.account_balances AS account SET overdraft_limit = changed.overdraft_limit
      FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS changed (tenant, account_id, overdraft_limit)
     WHERE account.tenant = changed.tenant AND account.account_id = changed.account_id
"""

# How much invoiced accounts may owe since the batch; null is without limit.
_CREDIT_LIMITS = """
    UPDATE views.account_balances AS account SET credit_limit = changed.credit_limit
      FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS changed (tenant, account_id, credit_limit)
     WHERE account.tenant = changed.tenant AND account.account_id = changed.account_id
"""


class UnknownRow(LookupError):
    """An event moved an account or a lot that the view has never seen."""


def write(cursor: Cursor[Any], changes: BalanceChanges) -> None:
    """Opened before moved, because one batch may do both. Raises UnknownRow, psycopg.Error."""
    if changes.opened:
        cursor.execute(_OPEN_ACCOUNTS, _rows(changes.opened))
    if changes.moved:
        cursor.execute(_MOVE_ACCOUNTS, _rows(changes.moved))
        _expect(cursor, len(changes.moved))
    if changes.lots_opened:
        cursor.execute(_OPEN_LOTS, _rows(changes.lots_opened))
    _update(cursor, _DRAW_LOTS, changes.lots_drawn)
    _update(cursor, _STATUSES, changes.statuses)
    _update(cursor, _OVERDRAFT_LIMITS, changes.overdraft_limits)
    _update(cursor, _CREDIT_LIMITS, changes.credit_limits)


def _update(cursor: Cursor[Any], statement: LiteralString, values: Mapping[tuple[str, ...], Any]) -> None:
    """One value a row that must be there."""
    if values:
        cursor.execute(statement, columns((*key, values[key]) for key in sorted(values)))
        _expect(cursor, len(values))


def _rows(changed: Mapping[tuple[str, ...], msgspec.Struct]) -> list[list[Any]]:
    return columns((*key, *msgspec.structs.astuple(changed[key])) for key in sorted(changed))


def _expect(cursor: Cursor[Any], rows: int) -> None:
    if cursor.rowcount != rows:
        raise UnknownRow(f"{cursor.rowcount} of {rows} rows are known")
