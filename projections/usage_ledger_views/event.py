"""One event as the views see it: decoded, in its place."""

from __future__ import annotations

from typing import Any, NamedTuple


class Event(NamedTuple):
    """``record`` is the decoded body: envelope and payload flat, amounts in nano-units, times in microseconds UTC."""

    name: str
    record: dict[str, Any]
    shard: int
    offset: int
    stream_id: str
    stream_version: int
    position: int
