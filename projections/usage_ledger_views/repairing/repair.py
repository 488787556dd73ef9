"""Brings a blocked stream up to date from the event store, while projectors go on with the others.

Why it continues and does not begin anew: whatever an event adds to the views is written in the transaction that moves
its stream's version, so the rows hold the stream's effect up to exactly that version, and what is missing is what comes
after it. Why nothing is missed or counted twice: the shard's progress row is locked first and counts the repair, so no
projector writes while the stream is folded, and each notices afterwards that it must look again. What Kafka delivers
later is above the position that the views are at, or a repeat by its version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import Connection, Cursor

from usage_ledger_views.progress import progress, streams
from usage_ledger_views.projecting.batch_writer import WRITE_FAILURES
from usage_ledger_views.projecting.folding import ApplyFailed
from usage_ledger_views.replaying.fold_page import fold_page
from usage_ledger_views.replaying.stored_history import StoredHistory
from usage_ledger_views.view import View

VERSIONS_COMPARED = 5_000


class NotBlocked(Exception):
    """There is nothing to repair: no projector waits for this stream."""


class CauseRemains(Exception):
    """The stream cannot be folded from the store either. ``reason`` is a stable word, as in ``blocked_streams``."""

    def __init__(self, stream_id: str, reason: str, detail: str) -> None:
        super().__init__(f"{stream_id}: {reason}: {detail}")
        self.stream_id = stream_id
        self.reason = reason


class Folded(msgspec.Struct, frozen=True):
    """A stream that was brought from one version to another."""

    stream_id: str
    from_version: int
    to_version: int


class Repaired(msgspec.Struct, frozen=True):
    """What a repair did. ``position`` is where the shard's views are, and the stream's with them."""

    stream_id: str
    shard: int
    position: int
    folded: tuple[Folded, ...]


def repair(connection: Connection[Any], views: Sequence[View[Any]], history: StoredHistory, stream_id: str) -> Repaired:
    """Fold what a blocked stream lacks and unblock it, in one transaction of an autocommit connection.

    A stream that the store does not know is a record whose key nobody could read. It may stand for an event of any
    stream, so every stream of its shard that is behind is folded. Raises NotBlocked, CauseRemains, psycopg.Error.
    """
    with connection.transaction():
        cursor = connection.cursor(binary=True)
        shard = streams.blocked_shard(cursor, stream_id)
        if shard is None:
            raise NotBlocked(stream_id)
        position = progress.begin_repair(cursor, shard)
        if not streams.unblock(cursor, stream_id):
            raise NotBlocked(stream_id)  # another repair was faster
        mending = _Mending(cursor, views, history, shard, position)
        return Repaired(stream_id, shard, position, mending.mend(stream_id))


class _Mending:
    """One repair under its lock."""

    def __init__(
        self,
        cursor: Cursor[Any],
        views: Sequence[View[Any]],
        history: StoredHistory,
        shard: int,
        position: int,
    ) -> None:
        self._cursor = cursor
        self._views = views
        self._history = history
        self._shard = shard
        self._position = position

    def mend(self, stream_id: str) -> tuple[Folded, ...]:
        """Fold what is missing: of the stream, or of all that are behind if the store does not know it."""
        if self._is_stored(stream_id):
            return (self._fold(stream_id),)
        return tuple(self._fold(behind) for behind in self._behind())

    def _is_stored(self, stream_id: str) -> bool:
        pages = self._history.stream(self._shard, stream_id, 0, self._position)
        return self._version(stream_id) > 0 or next(pages, None) is not None

    def _fold(self, stream_id: str) -> Folded:
        begun = last = self._version(stream_id)
        for page in self._history.stream(self._shard, stream_id, begun, self._position):
            try:
                screened = fold_page(self._cursor, self._views, page)
            except ApplyFailed as failure:
                raise CauseRemains(stream_id, "apply_failed", failure.detail) from failure
            except WRITE_FAILURES as error:
                raise CauseRemains(stream_id, "write_failed", f"{type(error).__name__}: {error}") from error
            if screened.blocked:
                raise CauseRemains(stream_id, screened.blocked[0].reason, screened.blocked[0].detail)
            last = screened.versions[stream_id]
        return Folded(stream_id, begun, last)

    def _behind(self) -> list[str]:
        """Streams whose views lack events at or before the position, and that nobody waits for to be repaired."""
        behind: list[str] = []
        compared: dict[str, int] = {}
        for stream_id, version in self._history.last_versions(self._shard, self._position):
            compared[stream_id] = version
            if len(compared) == VERSIONS_COMPARED:
                behind += self._older(compared)
                compared = {}
        behind += self._older(compared)
        blocked = streams.blocked_streams(self._cursor, [self._shard])
        return [stream_id for stream_id in behind if stream_id not in blocked]

    def _older(self, stored: dict[str, int]) -> list[str]:
        known = streams.versions(self._cursor, stored)
        return [stream_id for stream_id, version in stored.items() if known.get(stream_id, 0) < version]

    def _version(self, stream_id: str) -> int:
        return streams.versions(self._cursor, [stream_id]).get(stream_id, 0)
