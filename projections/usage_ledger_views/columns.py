"""Rows as columns: what a set-based statement with ``unnest`` takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """One list a column. There must be a row, for without one nobody knows how many columns there are."""
    return [list(column) for column in zip(*rows, strict=True)]
