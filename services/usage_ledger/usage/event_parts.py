"""Cuts what one command records into events that stay below 256 KB (U4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

Item = TypeVar("Item")

MAX_PART_BYTES: Final = 200_000
"""Of items in one event. What is left below 256 KB is for the envelope."""


def event_parts(items: Iterable[Item], bytes_of: Callable[[Item], int]) -> list[list[Item]]:
    """The items in their order, in as few lists as their sizes allow; nearly always one, none for no items."""
    parts: list[list[Item]] = []
    room = 0
    for item in items:
        size = bytes_of(item)
        if size > room:
            parts.append([])
            room = MAX_PART_BYTES
        parts[-1].append(item)
        room -= size
    return parts
