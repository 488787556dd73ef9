"""Writes what a batch adds to the codes."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from usage_ledger_views.code_balances.apply import CodeChanges
from usage_ledger_views.columns import columns

# Debits and credits only ever add up.
_UPSERT = """
    INSERT INTO views.code_balances AS balance (tenant, currency, code, debits, credits)
    SELECT * FROM unnest(%b::text[], %b::text[], %b::int[], %b::numeric[], %b::numeric[])
    ON CONFLICT (tenant, currency, code) DO UPDATE
       SET debits = balance.debits + excluded.debits, credits = balance.credits + excluded.credits
"""


def write(cursor: Cursor[Any], changes: CodeChanges) -> None:
    """Raises psycopg.Error."""
    if changes:
        cursor.execute(_UPSERT, columns((*key, *changes[key]) for key in sorted(changes)))
