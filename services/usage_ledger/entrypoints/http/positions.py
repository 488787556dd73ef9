"""Positions on the wire: ``<shard>-<n>``, opaque to clients, ordered within a shard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from usage_ledger.entrypoints.http.problems import InvalidRequest

_POSITION: Final = re.compile(r"(?P<shard>\d{1,4})-(?P<number>\d{1,18})")


class Position(NamedTuple):
    """A place in a shard's sequence; ``number`` counts from 1."""

    shard: int
    number: int

    def __str__(self) -> str:
        return f"{self.shard}-{self.number}"


def parse_position(text: str, name: str, shard: int) -> int:
    """The number of a position of the shard. Raises InvalidRequest: ``invalid_value``, ``wrong_shard``."""
    found = position_of(text, name)
    if found.shard != shard:
        raise InvalidRequest("wrong_shard", f"{name}: this is a position of another shard than the tenant's")
    return found.number


def position_of(text: str, name: str) -> Position:
    """A position of any shard. Raises InvalidRequest ``invalid_value``."""
    found = _POSITION.fullmatch(text)
    if found is None:
        raise InvalidRequest("invalid_value", f"{name}: expected a position as a write answered it")
    return Position(int(found["shard"]), int(found["number"]))


def is_position(text: str) -> bool:
    return _POSITION.fullmatch(text) is not None


def position_members(positions: Sequence[str]) -> dict[str, object]:
    """A write that spans shards answers a list of positions."""
    if len(positions) == 1:
        return {"position": positions[0]}
    return {"positions": list(positions)} if positions else {}
