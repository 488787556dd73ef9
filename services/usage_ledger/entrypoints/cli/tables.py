"""Tables for people, in the style that all answers share; a program gets the answer itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.table import Table

_AMOUNTS: Final = frozenset(
    (
        *("amount", "remaining", "effect", "running_balance", "held", "captured", "overage", "released"),
        *("limit", "spend", "left"),
    )
)
_TO_THE_SECOND: Final = len("2026-05-01T00:00:00")


def table(*columns: str) -> Table:
    """Amounts stand to the right, so that they can be compared; times are never broken."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        is_amount = column in _AMOUNTS
        made.add_column(column, justify="right" if is_amount else "left", no_wrap=_is_time(column), overflow="fold")
    return made


def table_of(items: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """A row an item, of these members of it."""
    made = table(*columns)
    for item in items:
        made.add_row(*(cell(column, item[column]) for column in columns))
    return made


def cell(column: str, value: Any) -> str:
    """Nothing for null, times to the second."""
    if value is None:
        return ""
    return f"{value[:_TO_THE_SECOND]}Z" if _is_time(column) else str(value)


def _is_time(column: str) -> bool:
    return column.endswith("_at")
