"""A table (CSV) to rows by their columns, each with the line that it ends on."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import StringIO
from typing import NamedTuple

from usage_ledger.scenarios.reading.misfit import Misfit, within


class Row(NamedTuple):
    """The values of a row by column; lines count from 1."""

    line: int
    cells: Mapping[str, str]

    def require_words(self, words: Mapping[str, Collection[str]]) -> None:
        """Raises Misfit unless each of these columns has one of its words."""
        for column, known in words.items():
            if self.cells[column] not in known:
                raise Misfit(self.line, f"{column} is {self.cells[column]!r}; it is one of {', '.join(known)}")


class Table(NamedTuple):
    """The columns, and the rows as they are read."""

    columns: Sequence[str]
    rows: Iterator[Row]


def read_table(text: str, key: str, required: Collection[str]) -> Table:
    """``key`` is the column that names a row. Raises Misfit, for a row when it is reached."""
    rows = csv.DictReader(StringIO(text, newline=""), strict=True)
    columns = list(rows.fieldnames or ())
    missing = [column for column in required if column not in columns]
    if missing:
        raise Misfit(1, f"the table has no column {missing[0]}")
    if len(set(columns)) != len(columns):
        raise Misfit(1, "the table has a column twice")
    return Table(columns, _rows(rows, key, len(columns)))


def _rows(rows: csv.DictReader[str], key: str, width: int) -> Iterator[Row]:
    line = rows.line_num
    try:
        for row in rows:
            line = rows.line_num
            with within(f"case {row[key]}"):
                if len(row) != width or None in row.values():
                    raise Misfit(line, "the row has not as many values as there are columns")
            yield Row(line, row)
    except csv.Error as error:
        raise Misfit(line + 1, f"no CSV: {error}") from None
