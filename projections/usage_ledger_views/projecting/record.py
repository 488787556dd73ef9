"""A record of the events topic, taken apart without believing anything in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

_NUMBER_BYTES = 8
_KEY_MAX_BYTES = 1_024  # longer than any stream id of ours, and short enough for an index


class Record(Protocol):
    """A Kafka record as the client library hands it out, in raw bytes."""

    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Delivered(NamedTuple):
    """A record by what it says about itself. ``version`` and ``position`` are None where its headers do not say."""

    shard: int
    offset: int
    stream_id: str
    version: int | None
    position: int | None
    value: bytes


def delivered(record: Record) -> Delivered:
    """The partition is the shard. A record without a readable key gets a stream of its own, so nothing else waits."""
    headers = dict(record.headers)
    return Delivered(
        shard=record.partition,
        offset=record.offset,
        stream_id=_stream_id(record),
        version=_number(headers.get("version")),
        position=_number(headers.get("position")),
        value=record.value or b"",
    )


def _stream_id(record: Record) -> str:
    if not record.key or len(record.key) > _KEY_MAX_BYTES:
        return f"?record-{record.partition}-{record.offset}"
    # Postgres cannot store NUL in text; what no stream of ours contains is escaped rather than dropped.
    return record.key.decode(errors="backslashreplace").replace("\0", "\\x00")


def _number(header: bytes | None) -> int | None:
    return int.from_bytes(header, "big") if header is not None and len(header) == _NUMBER_BYTES else None
