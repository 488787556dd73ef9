"""What a view is: pure functions that fold events into changes, and one that writes changes in sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from psycopg import Cursor

from usage_ledger_views.event import Event

Changes = TypeVar("Changes")


@dataclass(frozen=True)
class View(Generic[Changes]):
    """A view by its parts. ``appliers`` mutate only the changes they are given: no I/O, no clock, no chance.

    ``write`` adds what a batch changed, sorted by key, with one statement a table. It never sees an event twice.
    """

    name: str
    empty: Callable[[], Changes]
    appliers: Mapping[str, Callable[[Changes, Event], None]]
    write: Callable[[Cursor[Any], Changes], None]
