"""Holds the ledger against the client's record. Each check is a question of its own; together they are the promises.

A check reads what was added since the last one; with a fresh ``Checks`` it reads all of it again from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from chaos.history import History
from chaos.ledger import LedgerUnderTest
from chaos.record import Record
from chaos.stored_event import events_after
from chaos.topic import Topic
from chaos.views import view_violations
from chaos.violation import Violation

_SHARDS = "SELECT shard, last_position FROM ledger.shards ORDER BY shard"

# What was claimed: one row an attempt, wherever the event is that holds it.
_ATTEMPTS = "SELECT key, shard || '-' || position FROM ledger.attempts"

_COMMANDS = "SELECT digest, request_hash, outcome, positions FROM ledger.commands"


class Checks:
    """What was read so far, and the questions."""

    def __init__(self, ledger: LedgerUnderTest) -> None:
        self._ledger = ledger
        self._history = History()
        self._topic = Topic(ledger)

    def violations(self, *, with_replay: bool = False) -> list[Violation]:
        """Ask only when nothing is on its way: every answer is definite, and the views are where the store is."""
        with self._ledger.database() as connection:
            self._read_store(connection)
            found = [
                *self._history.violations,
                *_index_rows(connection, self._history),
                *record_violations(self._ledger.record, self._history),
                *view_violations(connection, self._ledger.record, self._history),
                *self._topic.violations(self._history),
                *(Violation("no process fails in a way of its own", defect) for defect in self._ledger.defects()),
            ]
        return [*found, *(self._replay() if with_replay else ())]

    def settled_later(self) -> dict[str, int]:
        """Items that waited and were booked, and lines that were rated when their price came."""
        history = self._history
        return {"booked_later": len(history.waiting.keys() & history.lines.keys()), "rated_later": len(history.rated)}

    def _read_store(self, connection: Connection[Any]) -> None:
        history = self._history
        for shard, last_position in connection.execute(_SHARDS).fetchall():
            for event in events_after(connection, shard, history.last[shard]):
                history.take(event)
            if history.last[shard] != last_position:
                history.differs("a shard ends where its row says", f"{shard}: {history.last[shard]}, {last_position}")

    def _replay(self) -> Iterator[Violation]:
        """The ledger's own comparison, which folds with the projector's code: beside ours, not instead of it."""
        done = self._ledger.run("replay", "--json")
        if done.returncode:
            yield Violation(
                "replay and views agree", f"exit {done.returncode}: {done.stdout[-800:]}{done.stderr[-400:]}"
            )


def record_violations(record: Record, history: History) -> Iterator[Violation]:
    """Nothing that was acknowledged is missing, and nothing is there that was not sent."""
    yield from (Violation("answers do not contradict each other", surprise) for surprise in record.surprises)
    yield from (Violation("everything gets a definite answer", str(key)) for key in record.unanswered)
    yield from _missing(record, history)
    yield from _unsent(record, history)
    yield from _payments(record, history)


def _missing(record: Record, history: History) -> Iterator[Violation]:
    for key, status in record.acknowledged.items():
        item, line = record.items[key], history.lines.get(key)
        if line is None:
            if record.must_be_booked(item) or key not in history.waiting:
                yield Violation("what was acknowledged is there", f"{key} was {status} and is not in the store")
            continue
        booked = (line.account_id, line.workspace_id, line.model, line.input_tokens, line.output_tokens, line.charged)
        sent = (item.account_id, item.workspace_id, item.model, item.input_tokens, item.output_tokens)
        sent = (*sent, record.charge_of(item))
        if booked != sent:
            yield Violation("what was sent is what is booked", f"{key} at {line.place}: {booked} for {sent}")


def _unsent(record: Record, history: History) -> Iterator[Violation]:
    for key in (*history.lines, *history.waiting):
        if key not in record.items:
            yield Violation("nothing is booked that was not sent", str(key))


def _payments(record: Record, history: History) -> Iterator[Violation]:
    for key in record.paid:
        purchase = record.purchases[key]
        if history.payments.get(key) != (purchase.account_id, purchase.amount):
            yield Violation("an acknowledged payment is there", f"{purchase}: {history.payments.get(key)}")
    for key in history.payments.keys() - record.purchases.keys():
        yield Violation("nothing is booked that was not sent", str(key))


def _index_rows(connection: Connection[Any], history: History) -> Iterator[Violation]:
    """Rows of idempotency agree with the events that they were written with."""
    rows = connection.cursor(binary=True)
    yield from attempt_violations(dict(rows.execute(_ATTEMPTS).fetchall()), history)
    commands = {digest: rest for digest, *rest in rows.execute(_COMMANDS)}
    yield from command_violations(commands, history)


def attempt_violations(claimed: dict[bytes, str], history: History) -> Iterator[Violation]:
    if claimed != history.claims:
        for key in claimed.keys() | history.claims.keys():
            row, event = claimed.get(key), history.claims.get(key)
            if row != event:
                yield Violation("attempt rows agree with events", f"{key.hex()}: row {row}, event {event}")


def command_violations(rows: dict[bytes, list[Any]], history: History) -> Iterator[Violation]:
    for digest, (request_hash, places) in history.commands.items():
        row = rows.get(digest)
        if row is None or row[0] != request_hash:
            yield Violation("an event's command has its row", f"{digest.hex()}, events at {sorted(places)}")
    for digest, (_, outcome, positions) in rows.items():
        _, places = history.commands.get(digest, (b"", set()))
        if outcome == "accepted" and not places.intersection(positions):
            yield Violation(
                "an accepted command has events", f"{digest.hex()} at {positions}, events at {sorted(places)}"
            )
