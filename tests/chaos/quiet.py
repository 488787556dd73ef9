"""Waits until nothing is on its way any more: not to the doors, not to Kafka, not to the views."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, NamedTuple

import psycopg

from chaos.ledger import LedgerUnderTest
from chaos.load import Load
from chaos.violation import Violation

_POLL_S = 0.05
_STANDING = """
    SELECT store.shard, store.last_position, coalesce(view.position, 0), coalesce(reacted.position, 0),
           (SELECT count(*) FROM views.blocked_streams)
      FROM ledger.shards AS store LEFT JOIN views.progress AS view USING (shard)
           LEFT JOIN ledger.reactor_checkpoints AS reacted USING (shard)
     ORDER BY store.shard
"""


class _Standing(NamedTuple):
    """Positions by shard, of the store, of the views and of the reactor, and whether a stream is blocked."""

    store: tuple[int, ...]
    views: tuple[int, ...]
    reacted: tuple[int, ...]
    blocked: bool


def wait_until_quiet(ledger: LedgerUnderTest, load: Load, patience_s: float) -> list[Violation]:
    """Nothing, or what has not come to an end in time."""
    deadline = time.monotonic() + patience_s
    if not load.rest(patience_s):
        return [Violation("everything gets a definite answer", f"some requests have none after {patience_s:.0f} s")]
    standing = None
    while time.monotonic() < deadline:
        standing = _standing(ledger)
        # What is blocked will not go on by itself; the checks tell which stream it is.
        if standing is not None and (standing.blocked or standing.store == standing.views == standing.reacted):
            return []
        time.sleep(_POLL_S)
    evidence = f"{standing} after {patience_s:.0f} s; {ledger.last_errors()}"
    return [Violation("the views and the reactor catch up", evidence)]


def _standing(ledger: LedgerUnderTest) -> _Standing | None:
    with suppress(psycopg.OperationalError), ledger.database() as connection:
        rows: list[Any] = connection.execute(_STANDING).fetchall()
        store, views, reacted = (tuple(row[place] for row in rows) for place in (1, 2, 3))
        return _Standing(store, views, reacted, bool(rows[0][4]))
    return None
