"""Bounds what this process has promised an answer to: items handed to the appender and not answered yet."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from usage_ledger.appender import Overloaded


class InFlight:
    """Lives on one event loop."""

    def __init__(self, max_items: int) -> None:
        self._max_items = max_items
        self._items = 0

    @contextmanager
    def admitted(self, items: int) -> Generator[None]:
        """Counts the items for the length of the block. Raises Overloaded when there would be too many."""
        if self._items + items > self._max_items:
            raise Overloaded
        self._items += items
        try:
            yield
        finally:
            self._items -= items
