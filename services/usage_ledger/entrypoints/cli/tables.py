"""Tables for people, in the style that all answers share."""

from __future__ import annotations

from typing import Final

from rich.table import Table

_AMOUNTS: Final = frozenset(("amount", "remaining", "effect", "running_balance", "limit", "spend", "held", "left"))


def table(*columns: str) -> Table:
    """Amounts stand to the right, so that they can be compared."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in _AMOUNTS else "left", overflow="fold")
    return made
