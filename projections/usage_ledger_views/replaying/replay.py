"""Folds history again and compares the outcome with the live views, at the positions that they stand at.

The live side is one snapshot: positions, history and rows are read in it, so projectors may go on meanwhile. The
replayed side is scratch tables of another session, filled by the views' own code. Books of the projector (offsets,
versions, blocked streams) are no content and are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from psycopg import Connection

from usage_ledger_views.replaying.comparison import ContentDigest, Difference, differences
from usage_ledger_views.replaying.history_fold import Broken, HistoryFold
from usage_ledger_views.replaying.scratch import use_scratch
from usage_ledger_views.replaying.stored_history import Selection, StoredHistory
from usage_ledger_views.replaying.table_rows import describe, rows
from usage_ledger_views.view import View

DIFFERENCES_MAX: Final = 100
BLOCKED_MAX: Final = 100

_LIVE: Final = "views"
_SCRATCH: Final = "pg_temp"

# How far the live views are, in this snapshot.
_POSITIONS: Final = "SELECT shard, position FROM views.progress ORDER BY shard"

# Streams whose events the live views lack, and that is known.
_BLOCKED: Final = """
    SELECT stream_id FROM views.blocked_streams
     WHERE %(tenant)s::text IS NULL OR split_part(stream_id, '/', 1) = %(tenant)s ORDER BY stream_id LIMIT %(limit)s
"""


class ViewDigests(msgspec.Struct, frozen=True):
    """A view's content on both sides: how many rows, and their SHA-256 in hexadecimal."""

    view: str
    live_rows: int
    replayed_rows: int
    live: str
    replayed: str


class Comparison(msgspec.Struct, frozen=True):
    """``differences`` are the first ``DIFFERENCES_MAX`` of ``differing`` values."""

    positions: Mapping[int, int]
    events: int
    digests: tuple[ViewDigests, ...]
    differences: tuple[Difference, ...]
    differing: int
    broken: tuple[Broken, ...]
    blocked_streams: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        digests_agree = all(each.live == each.replayed for each in self.digests)
        return digests_agree and not (self.differing or self.broken or self.blocked_streams)


class Replay:
    """``live`` is a read-only connection in REPEATABLE READ, ``scratch`` one of the same role in autocommit mode."""

    def __init__(
        self, live: Connection[Any], scratch: Connection[Any], views: Sequence[View[Any]], history: StoredHistory
    ) -> None:
        """``history`` reads through ``live``."""
        self._live = live
        self._scratch = scratch
        self._history = history
        self._views = tuple(views)

    def positions(self) -> dict[int, int]:
        """Where the live views stand, by shard. Raises psycopg.Error."""
        return dict(self._live.execute(_POSITIONS).fetchall())

    def compare(self, until: Mapping[int, int], tenant: str | None, progressed: Callable[[int], None]) -> Comparison:
        """Fold up to the positions that the live views stand at, and compare. Raises psycopg.Error."""
        tables = use_scratch(self._scratch, self._views)
        folded = HistoryFold(self._scratch, self._views, progressed)
        folded.take(self._history, until, Selection(tenant))
        found = _Findings(self._live, self._scratch, tenant)
        digests = tuple(found.view(view, names) for view, names in tables.items())
        return Comparison(
            positions=until,
            events=folded.events,
            digests=digests,
            differences=tuple(found.differences),
            differing=found.differing,
            broken=tuple(folded.broken),
            blocked_streams=self._blocked(tenant),
        )

    def _blocked(self, tenant: str | None) -> tuple[str, ...]:
        found = self._live.execute(_BLOCKED, {"tenant": tenant, "limit": BLOCKED_MAX})
        return tuple(row[0] for row in found)


class _Findings:
    """Collects what the two sides do not agree on."""

    def __init__(self, live: Connection[Any], scratch: Connection[Any], tenant: str | None) -> None:
        self._live = live
        self._scratch = scratch
        self._tenant = tenant
        self.differences: list[Difference] = []
        self.differing = 0

    def view(self, view: str, tables: Sequence[str]) -> ViewDigests:
        live, replayed = ContentDigest(), ContentDigest()
        for name in tables:
            self._table(view, name, live, replayed)
        return ViewDigests(view, live.rows, replayed.rows, live.hexdigest(), replayed.hexdigest())

    def _table(self, view: str, name: str, live: ContentDigest, replayed: ContentDigest) -> None:
        table = describe(self._scratch, _SCRATCH, name)
        live.begin(table)
        replayed.begin(table)
        with self._scratch.transaction():
            ours = live.read(rows(self._live, _LIVE, table, self._tenant))
            theirs = replayed.read(rows(self._scratch, _SCRATCH, table, self._tenant))
            for difference in differences(view, table, ours, theirs):
                self.differing += 1
                if len(self.differences) < DIFFERENCES_MAX:
                    self.differences.append(difference)
