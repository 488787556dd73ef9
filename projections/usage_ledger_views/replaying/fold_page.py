"""Folds a page of stored history into the views' tables: the projector's own screening, appliers and statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from psycopg import Cursor

from usage_ledger_views.progress import streams
from usage_ledger_views.projecting.folding import fold
from usage_ledger_views.projecting.screening import Screened, screen
from usage_ledger_views.replaying.stored_history import Page
from usage_ledger_views.view import View


def fold_page(
    cursor: Cursor[Any],
    views: Iterable[View[Any]],
    page: Page,
    *,
    blocked: Collection[str] = (),
    positions: Mapping[int, int] | None = None,
) -> Screened:
    """Apply what follows on the versions that ``streams`` knows, and move those on; within the caller's transaction.

    Streams that cannot go on are in ``blocked`` of the answer. Raises ApplyFailed, psycopg.Error, UnknownRow.
    """
    screened = screen(
        page,
        versions=streams.versions(cursor, {record.stream_id for record in page}),
        positions=positions or {},
        blocked=blocked,
        convictions={},
    )
    for view, changes in fold(views, screened.events):
        view.write(cursor, changes)
    streams.set_versions(cursor, screened.last_versions())
    return screened
