"""A plain SQL ledger, written for comparison: how it is set up, and three ways in which items are booked in it.

Per item: idempotency key, lock the balance, entry, two lines, new balance; one statement after the other. ``book_one``
does that in a transaction an item, as a request handler would; ``book_batch`` in one transaction for many items.
``book_pipelined`` is what somebody writes who has measured that: the statements still run once an item, but without
waiting for each answer, and the balances of the batch are locked at once. Batches take accounts in the order of their
ids, so that they cannot block each other for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, Final, LiteralString, NamedTuple, cast

import psycopg
from psycopg import Connection, Cursor

from usage_ledger.benchmarks.shapes import Call
from usage_ledger.benchmarks.usage_bodies import MODEL

FIRST_BALANCE: Final = 10**15
CREDIT: Final = 2_000
REVENUE: Final = 4_010
NANO_PER_INPUT: Final = 3_000
NANO_PER_OUTPUT: Final = 15_000

_OPEN: Final = "INSERT INTO textbook.accounts (account, balance) SELECT account, %s FROM generate_series(0, %s) account"

# Nothing comes back for a key that is known: the item is a repeat.
_TAKE_KEY: Final = """
INSERT INTO textbook.idempotency_keys (key, content) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING key
"""

# A balance is read under its lock before it is changed.
_LOCK: Final = "SELECT balance FROM textbook.accounts WHERE account = ANY(%s) ORDER BY account FOR UPDATE"

_ENTRY: Final = """
INSERT INTO textbook.entries (account, key, workspace_id, model, input_tokens, output_tokens, occurred_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING entry
"""

_LINES: Final = "INSERT INTO textbook.lines (entry, code, amount) VALUES (%s, %s, %s), (%s, %s, %s)"

_CHARGE: Final = "UPDATE textbook.accounts SET balance = balance - %s WHERE account = %s"

# Everything that was booked, what the balances lost by it, and debits minus credits. Sums over accounts pass 64 bits.
_TOTALS: Final = """
SELECT (SELECT count(*) FROM textbook.entries),
       (SELECT count(*) * %s::numeric - sum(balance) FROM textbook.accounts),
       (SELECT coalesce(sum(amount), 0) FROM textbook.lines)
"""


class TextbookItem(NamedTuple):
    """A call with its id, rated. ``charged`` is nano-units."""

    key: str
    call: Call
    occurred_at: datetime
    content: bytes
    charged: int


class Totals(NamedTuple):
    """What the textbook ledger holds; ``charged`` by its balances, ``difference`` of debits and credits."""

    items: int
    charged: int
    difference: int


def create(dsn: str, accounts: int) -> None:
    """An empty textbook ledger with this many accounts; one that exists is gone. Raises psycopg.Error."""
    with psycopg.connect(dsn) as connection:
        # The script is ours; psycopg wants to be told.
        connection.execute(cast("LiteralString", files("usage_ledger.benchmarks").joinpath("textbook.sql").read_text()))
        connection.execute(_OPEN, (FIRST_BALANCE, accounts - 1))


def totals(dsn: str) -> Totals:
    """Over the whole textbook ledger."""
    with psycopg.connect(dsn) as connection:
        return Totals(*map(int, connection.execute(_TOTALS, (FIRST_BALANCE,)).fetchall()[0]))


def rate(call: Call) -> int:
    """The charge in nano-units, by the price that the ledger is given too."""
    return call.input_tokens * NANO_PER_INPUT + call.output_tokens * NANO_PER_OUTPUT


def book_one(connection: Connection[Any], item: TextbookItem) -> int:
    """Book an item in a transaction of its own. Answers how many were booked: one, or none if it is known."""
    with connection.transaction(), connection.cursor() as cursor:
        return _book(cursor, item)


def book_batch(connection: Connection[Any], items: Sequence[TextbookItem]) -> int:
    """Book items in one transaction. Answers how many of them were new."""
    with connection.transaction(), connection.cursor() as cursor:
        return sum(_book(cursor, item) for item in sorted(items, key=lambda item: item.call.place.account))


def book_pipelined(connection: Connection[Any], items: Sequence[TextbookItem]) -> int:
    """The same in few round trips."""
    with connection.transaction(), connection.pipeline():
        connection.execute(_LOCK, (sorted({item.call.place.account for item in items}),))
        taken = _first_rows(connection, _TAKE_KEY, [(item.key, item.content) for item in items])
        new = [item for item, row in zip(items, taken, strict=True) if row is not None]
        entries = _first_rows(connection, _ENTRY, [_entry(item) for item in new])
        with connection.cursor() as cursor:
            lines = [_lines(row[0], item) for row, item in zip(entries, new, strict=True) if row]
            cursor.executemany(_LINES, lines)
            cursor.executemany(_CHARGE, [(item.charged, item.call.place.account) for item in new])
    return len(new)


def _book(cursor: Cursor[Any], item: TextbookItem) -> int:
    if cursor.execute(_TAKE_KEY, (item.key, item.content)).fetchone() is None:
        return 0
    cursor.execute(_LOCK, ([item.call.place.account],)).fetchall()
    entry: int = cursor.execute(_ENTRY, _entry(item)).fetchall()[0][0]
    cursor.execute(_LINES, _lines(entry, item))
    cursor.execute(_CHARGE, (item.charged, item.call.place.account))
    return 1


def _first_rows(
    connection: Connection[Any], statement: LiteralString, parameters: Sequence[tuple[object, ...]]
) -> list[tuple[Any, ...] | None]:
    """Runs a statement once for each of the parameters and answers the row of each, if there was one."""
    # A cursor of its own: in a pipeline, results of an earlier statement would come first.
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters, returning=True)
        return [result.fetchone() for result in cursor.results()]


def _entry(item: TextbookItem) -> tuple[object, ...]:
    call = item.call
    place = call.place
    return (
        place.account, item.key, place.workspace_id, MODEL, call.input_tokens, call.output_tokens, item.occurred_at
    )  # fmt: skip


def _lines(entry: int, item: TextbookItem) -> tuple[int, ...]:
    return entry, CREDIT, item.charged, entry, REVENUE, -item.charged
