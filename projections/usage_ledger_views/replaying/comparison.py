"""Compares two tables row by row, in the order of their key, and digests both on the way.

Pure: rows come in, differences and digests go out, and never more than a row of each side is held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import msgspec

from usage_ledger_views.replaying.table_rows import Row, Table

WHOLE_ROW: Final = "*"
PRESENT: Final = "present"
ABSENT: Final = "absent"

_encode = msgspec.json.Encoder().encode


class Difference(msgspec.Struct, frozen=True):
    """One value that the live views and the replay do not agree on; column ``*`` is the row as such."""

    view: str
    table: str
    key: dict[str, str | None]
    column: str
    live: str | None
    replayed: str | None


class ContentDigest:
    """SHA-256 of tables' contents: of each its name and columns, then its rows in order, as JSON lines."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.rows = 0

    def begin(self, table: Table) -> None:
        self._hash.update(_encode([table.name, table.columns]) + b"\n")

    def read(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows; each is in the digest by the time that the next is asked for."""
        for row in rows:
            self._hash.update(_encode(row.values) + b"\n")
            self.rows += 1
            yield row

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def differences(view: str, table: Table, live: Iterator[Row], replayed: Iterator[Row]) -> Iterator[Difference]:
    """What differs, in the order of the key. Both sides are read to their ends."""
    ours, theirs = next(live, None), next(replayed, None)
    while ours is not None and theirs is not None:
        if ours.key == theirs.key:
            yield from _column_differences(view, table, ours, theirs)
            ours, theirs = next(live, None), next(replayed, None)
        elif ours.key < theirs.key:
            yield _row_difference(view, table, ours, PRESENT, ABSENT)
            ours = next(live, None)
        else:
            yield _row_difference(view, table, theirs, ABSENT, PRESENT)
            theirs = next(replayed, None)
    for row in _rest(ours, live):
        yield _row_difference(view, table, row, PRESENT, ABSENT)
    for row in _rest(theirs, replayed):
        yield _row_difference(view, table, row, ABSENT, PRESENT)


def _rest(first: Row | None, rows: Iterator[Row]) -> Iterator[Row]:
    return chain(() if first is None else (first,), rows)


def _row_difference(view: str, table: Table, row: Row, live: str, replayed: str) -> Difference:
    return Difference(view, table.name, _key(table, row), WHOLE_ROW, live, replayed)


def _column_differences(view: str, table: Table, ours: Row, theirs: Row) -> Iterator[Difference]:
    if ours.values == theirs.values:
        return
    for column, live, replayed in zip(table.columns, ours.values, theirs.values, strict=True):
        if live != replayed:
            yield Difference(view, table.name, _key(table, ours), column, live, replayed)


def _key(table: Table, row: Row) -> dict[str, str | None]:
    values = dict(zip(table.columns, row.values, strict=True))
    return {column: values[column] for column in table.key}
