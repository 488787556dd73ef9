"""What the views say at the end of a benchmark, read as anybody reads them: in SQL."""

from __future__ import annotations

from typing import Final, NamedTuple

import psycopg

from usage_ledger.money import format_amount

# Usage items and what was charged for them, over all tenants. The ledger is the benchmark's own.
_USAGE: Final = "SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(charged), 0)::bigint FROM views.usage_summary"

# Journal entries of usage.
_ENTRIES: Final = "SELECT count(*) FROM views.account_entries WHERE type = 'usage'"

# Debits minus credits of every line of every entry: zero, or the books are wrong.
_TRIAL_BALANCE: Final = """
SELECT coalesce(sum(CASE line ->> 'side' WHEN 'debit' THEN 1 ELSE -1 END * (line ->> 'amount')::numeric), 0)::bigint
  FROM views.account_entries AS row, jsonb_array_elements(row.entries) AS entry,
       jsonb_array_elements(entry -> 'lines') AS line
"""

# Where the shards end.
_ENDS: Final = "SELECT shard, last_position FROM ledger.shards"


class Books(NamedTuple):
    """Counts, and money in nano-units."""

    view_items: int
    charged: int
    entries: int
    trial_balance: int

    def faults(self, sent: int, accepted: int) -> list[str]:
        """What does not add up; nothing, if the benchmark is to count."""
        checks = {
            f"{sent} items were sent, {accepted} accepted": sent == accepted,
            f"{sent} items were sent, the views have {self.view_items}": sent == self.view_items,
            "nothing was charged": self.charged > 0,
            "there are no journal entries": self.entries > 0,
            f"debits and credits differ by {format_amount(self.trial_balance)}": self.trial_balance == 0,
        }
        return [fault for fault, holds in checks.items() if not holds]


def read_books(reader_dsn: str) -> Books:
    """Over everything that the views hold. Raises psycopg.Error."""
    with psycopg.connect(reader_dsn) as connection:
        items, charged = connection.execute(_USAGE).fetchall()[0]
        (entries,) = connection.execute(_ENTRIES).fetchall()[0]
        (balance,) = connection.execute(_TRIAL_BALANCE).fetchall()[0]
    return Books(items, charged, entries, balance)


def shard_ends(reader_dsn: str) -> dict[int, int]:
    """The last position of each shard."""
    with psycopg.connect(reader_dsn) as connection:
        return dict(connection.execute(_ENDS).fetchall())
