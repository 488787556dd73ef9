"""Folds history from the event store into scratch tables, a page and a transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from psycopg import Connection

from usage_ledger_views.projecting.batch_writer import WRITE_FAILURES
from usage_ledger_views.projecting.folding import ApplyFailed
from usage_ledger_views.projecting.record import Delivered
from usage_ledger_views.projecting.screening import DETAIL_MAX_CHARACTERS, Blocked
from usage_ledger_views.replaying.fold_page import fold_page
from usage_ledger_views.replaying.stored_history import Page, Selection, StoredHistory
from usage_ledger_views.view import View

BROKEN_MAX: Final = 100


class Broken(NamedTuple):
    """A stream of the store that cannot be folded on, or a hole in the positions of a shard (``stream_id`` empty)."""

    shard: int
    position: int
    stream_id: str
    reason: str
    detail: str


class HistoryFold:
    """Over an autocommit connection from ``use_scratch``. Keeps going past what is broken; names the first of it."""

    def __init__(
        self, connection: Connection[Any], views: Iterable[View[Any]], progressed: Callable[[int], None]
    ) -> None:
        """``progressed`` is told how many events each page had."""
        self._connection = connection
        self._views = tuple(views)
        self._progressed = progressed
        self._stopped: set[str] = set()
        self.events = 0
        self.broken: list[Broken] = []

    def take(self, history: StoredHistory, until: Mapping[int, int], selection: Selection) -> None:
        """Fold each shard up to and including its position. Raises psycopg.Error."""
        for shard, position in sorted(until.items()):
            last = 0
            for page in history.shard(shard, position, selection):
                if selection.is_everything:
                    self._check_positions(page, last)
                self._fold(page)
                last = page[-1].offset + 1
                self.events += len(page)
                self._progressed(len(page))
            if selection.is_everything and last < position:
                self._note(Broken(shard, last, "", "history_ends", f"the store ends at {last}, not at {position}"))

    def _fold(self, page: Page) -> None:
        try:
            with self._connection.transaction():
                cursor = self._connection.cursor(binary=True)
                screened = fold_page(cursor, self._views, page, blocked=self._stopped)
        except (ApplyFailed, *WRITE_FAILURES) as error:
            self._isolate(page, error)
            return
        for blocked in screened.blocked:
            self._stop(blocked)

    def _isolate(self, page: Page, error: Exception) -> None:
        """One event of the page cannot be folded: the others are, one by one."""
        if len(page) > 1:
            for record in page:
                self._fold([record])
            return
        reason = "apply_failed" if isinstance(error, ApplyFailed) else "write_failed"
        record, detail = page[0], f"{type(error).__name__}: {error}"[:DETAIL_MAX_CHARACTERS]
        self._stopped.add(record.stream_id)
        self._note(Broken(record.shard, record.offset + 1, record.stream_id, reason, detail))

    def _stop(self, blocked: Blocked) -> None:
        self._stopped.add(blocked.stream_id)
        place = (blocked.shard, blocked.record_offset + 1, blocked.stream_id)
        self._note(Broken(*place, blocked.reason, blocked.detail))

    def _check_positions(self, page: Page, last: int) -> None:
        for expected, record in enumerate(page, start=last + 1):
            if record.offset + 1 != expected:
                self._note(_hole(record, expected))
                return

    def _note(self, broken: Broken) -> None:
        if len(self.broken) < BROKEN_MAX:
            self.broken.append(broken)


def _hole(record: Delivered, expected: int) -> Broken:
    position = record.offset + 1
    return Broken(record.shard, expected, "", "positions_hole", f"position {position} comes where {expected} belongs")
