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
# Whatever works behind the doors (the reactor) appends by itself: quiet is when nobody has for this long.
_STILL_S = 0.6

_STANDING = """
    SELECT store.shard, store.last_position, coalesce(view.position, 0),
           (SELECT count(*) FROM views.blocked_streams)
      FROM ledger.shards AS store LEFT JOIN views.progress AS view USING (shard) ORDER BY store.shard
"""


class _Standing(NamedTuple):
    """Positions by shard, of the store and of the views, and whether a stream is blocked."""

    store: tuple[int, ...]
    views: tuple[int, ...]
    blocked: bool


def wait_until_quiet(ledger: LedgerUnderTest, load: Load, patience_s: float) -> list[Violation]:
    """Nothing, or what has not come to an end in time."""
    deadline = time.monotonic() + patience_s
    if not load.rest(patience_s):
        return [Violation("everything gets a definite answer", f"some requests have none after {patience_s:.0f} s")]
    standing, still_since = None, time.monotonic()
    while time.monotonic() < deadline:
        now = _standing(ledger)
        if now is None or now != standing:
            standing, still_since = now, time.monotonic()
        elif now.blocked:
            return []  # it will not go on by itself; the checks tell which stream it is
        elif now.store == now.views and time.monotonic() - still_since >= _still_s(ledger):
            return []
        time.sleep(_POLL_S)
    return [Violation("the views catch up", f"{standing} after {patience_s:.0f} s; {ledger.last_errors()}")]


def _still_s(ledger: LedgerUnderTest) -> float:
    return _STILL_S if "reactor" in ledger.jobs else 0.0


def _standing(ledger: LedgerUnderTest) -> _Standing | None:
    with suppress(psycopg.OperationalError), ledger.database() as connection:
        rows: list[Any] = connection.execute(_STANDING).fetchall()
        return _Standing(tuple(row[1] for row in rows), tuple(row[2] for row in rows), bool(rows[0][3]))
    return None
