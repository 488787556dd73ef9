"""Reads a trace: a CSV file with a row a call, holding a time and two counts of tokens. Streams, so any size will do.

It does not say who called nor which model answered; whoever publishes a trace decides that.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from usage_ledger.gateway.source_line import SourceInvalid, line_id

_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,40}")
_TIMESTAMP_MAX: Final = 64


class Columns(NamedTuple):
    """The names of the columns; the defaults are those of the Azure traces."""

    timestamp: str = "TIMESTAMP"
    context_tokens: str = "ContextTokens"
    generated_tokens: str = "GeneratedTokens"


class TraceRow(NamedTuple):
    """One call. ``number`` counts calls from 0; counts are tokens, as the file has them, plausible or not."""

    number: int
    timestamp: str
    context_tokens: int
    generated_tokens: int
    attempt_id: str


class TraceTotals(NamedTuple):
    """What a whole trace adds up to: the input that views are proved against."""

    rows: int
    context_tokens: int
    generated_tokens: int


def read_trace(lines: Iterable[str], columns: Columns = Columns()) -> Iterator[TraceRow]:  # noqa: B008 - immutable
    """The calls in the file's order; empty lines are passed over.

    Raises SourceInvalid for a missing column and for a row that cannot be understood.
    """
    reader = csv.reader(lines)
    no_header: list[str] = []
    try:
        places = _places(next(reader, no_header), columns)
        for number, fields in enumerate(fields for fields in reader if any(map(str.strip, fields))):
            yield _row(number, reader.line_num, fields, places, columns)
    except csv.Error as error:
        raise SourceInvalid(f"line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise SourceInvalid("this is not text in UTF-8") from error


def totals(rows: Iterable[TraceRow]) -> TraceTotals:
    """Adds a trace up, in memory that does not grow with it."""
    count = context_tokens = generated_tokens = 0
    for row in rows:
        count += 1
        context_tokens += row.context_tokens
        generated_tokens += row.generated_tokens
    return TraceTotals(count, context_tokens, generated_tokens)


def _places(header: Sequence[str], columns: Columns) -> tuple[int, int, int]:
    names = [name.strip() for name in header]
    missing = [name for name in columns if name not in names]
    if missing:
        raise SourceInvalid(f"line 1: the header has no column {', '.join(missing)}")
    timestamp, context_tokens, generated_tokens = (names.index(name) for name in columns)
    return timestamp, context_tokens, generated_tokens


def _row(number: int, line_number: int, fields: Sequence[str], places: Sequence[int], columns: Columns) -> TraceRow:
    if len(fields) <= max(places):
        raise SourceInvalid(f"line {line_number}: {len(fields)} fields are too few")
    timestamp, context_tokens, generated_tokens = (fields[place].strip() for place in places)
    return TraceRow(
        number,
        _time(timestamp, line_number, columns.timestamp),
        _count(context_tokens, line_number, columns.context_tokens),
        _count(generated_tokens, line_number, columns.generated_tokens),
        line_id(line_number, "\x1f".join(fields)),
    )


def _time(text: str, line_number: int, column: str) -> str:
    """Any text that may be a tag: it is passed on, never computed with."""
    if len(text) > _TIMESTAMP_MAX or not text.isprintable():
        raise SourceInvalid(f"line {line_number}: {column} is no time: {text[:_TIMESTAMP_MAX]!r}")
    return text


def _count(text: str, line_number: int, column: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise SourceInvalid(f"line {line_number}: {column} is no whole number: {text[:_TIMESTAMP_MAX]!r}")
    return int(text)
