"""Which records of a batch are new events, which are repeats, and which streams must not go on.

Per stream the version must be the last one plus one. A lower one was applied before; a higher one means that an event
is missing, and then the stream is blocked, and only it. Pure: state comes in, verdicts go out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from usage_ledger_schemas import codec
from usage_ledger_schemas.codec import UndecodableRecord
from usage_ledger_schemas.registry import SCHEMAS
from usage_ledger_views.event import Event
from usage_ledger_views.projecting.record import Delivered

Reason = Literal["gap", "undecodable", "apply_failed", "write_failed"]
DETAIL_MAX_CHARACTERS = 500


class Verdict(NamedTuple):
    """Why a record cannot be applied."""

    reason: Reason
    detail: str


class Blocked(NamedTuple):
    """A stream that stops at a record. ``last_version`` is the last one that was applied."""

    stream_id: str
    shard: int
    reason: Reason
    detail: str
    record_offset: int
    position: int | None
    last_version: int


Convictions = Mapping[tuple[int, int], Verdict]
"""Records, by shard and offset, that applying or writing failed on before."""


class Screened(msgspec.Struct):
    """A batch after the check. ``versions`` and ``positions`` are the last ones by stream and by shard."""

    events: list[Event] = []
    versions: dict[str, int] = {}
    positions: dict[int, int] = {}
    blocked: list[Blocked] = []
    duplicates: Counter[int] = msgspec.field(default_factory=Counter[int])
    skipped: Counter[int] = msgspec.field(default_factory=Counter[int])
    position_gaps: Counter[int] = msgspec.field(default_factory=Counter[int])

    def last_versions(self) -> dict[str, tuple[int, int]]:
        """Shard and last version of every stream that goes on."""
        shards = {event.stream_id: event.shard for event in self.events}
        return {stream_id: (shards[stream_id], version) for stream_id, version in self.versions.items()}


def screen(
    batch: Iterable[Delivered],
    *,
    versions: Mapping[str, int],
    positions: Mapping[int, int],
    blocked: Collection[str],
    convictions: Convictions,
) -> Screened:
    """Go through the records in order. ``versions`` of streams that are not in it are 0."""
    screened = Screened(positions=dict(positions))
    stopped = set(blocked)
    for record in batch:
        _note_position(screened, record)
        if record.stream_id in stopped:
            screened.skipped[record.shard] += 1
            continue
        last = screened.versions.get(record.stream_id, versions.get(record.stream_id, 0))
        if record.version is not None and record.version <= last:
            screened.duplicates[record.shard] += 1
            continue
        outcome = convictions.get((record.shard, record.offset)) or _read(record, last)
        if isinstance(outcome, Event):
            screened.events.append(outcome)
            screened.versions[record.stream_id] = outcome.stream_version
        else:
            stopped.add(record.stream_id)
            screened.blocked.append(_blocked(record, outcome, last))
    return screened


def _note_position(screened: Screened, record: Delivered) -> None:
    """Positions of a shard are gapless on its partition; a hole is counted even before a stream notices it."""
    if record.position is None:
        return
    last = screened.positions.get(record.shard, 0)
    if record.position > last + 1:
        screened.position_gaps[record.shard] += 1
    screened.positions[record.shard] = max(last, record.position)


def _read(record: Delivered, last: int) -> Event | Verdict:
    version, position = record.version, record.position
    if version is None or position is None:
        return Verdict("undecodable", "the headers name no version or no position")
    if version != last + 1:
        return Verdict("gap", f"version {version} came after version {last}")
    try:
        fingerprint, body = codec.unframe(record.value)
        name, decoded = codec.decode(fingerprint, body)
        if SCHEMAS.latest[name].kind != "event":
            raise UndecodableRecord(f"{name} is no event")
    except UndecodableRecord as error:
        return Verdict("undecodable", f"{type(error).__name__}: {error}"[:DETAIL_MAX_CHARACTERS])
    return Event(name, decoded, record.shard, record.offset, record.stream_id, version, position)


def _blocked(record: Delivered, verdict: Verdict, last: int) -> Blocked:
    detail = verdict.detail.replace("\0", "\\x00")
    return Blocked(record.stream_id, record.shard, verdict.reason, detail, record.offset, record.position, last)
