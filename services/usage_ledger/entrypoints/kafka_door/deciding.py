"""Batches of records through the appender: in order, all outcomes known before the next batch is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from typing import Final, NamedTuple, Protocol

from usage_ledger.appender import LedgerUnavailable
from usage_ledger.entrypoints.kafka_door.outcome import CommandOutcome, Decided, decided, turned_away
from usage_ledger.entrypoints.kafka_door.receiving import Dead, Received, Record, ToDecide, TurnedAway
from usage_ledger.refusals import InvalidInput
from usage_ledger.submission import Outcome, Submission

_LOOK_UP_S: Final = 1.0


class AppendsInOrder(Protocol):
    """The appender, as this door sees it."""

    def submit(self, submissions: Sequence[Submission], *, in_order: bool = False) -> list[Future[Outcome]]:
        """Raises Overloaded. Futures may fail with LedgerUnavailable, InvalidInput."""
        ...


class Entry(NamedTuple):
    """A record and what it was found to hold."""

    record: Record
    received: Received


Batch = Sequence[Entry]


def batches(entries: Iterable[Entry], max_items: int) -> Iterator[Batch]:
    """In the order given, each with at most ``max_items`` items, or one record."""
    batch: list[Entry] = []
    items = 0
    for entry in entries:
        work = entry.received.items if isinstance(entry.received, ToDecide) else 0
        if batch and items + work > max_items:
            yield batch
            batch, items = [], 0
        batch.append(entry)
        items += work
    if batch:
        yield batch


def decide(appender: AppendsInOrder, batch: Batch, look_up: Callable[[], None]) -> list[CommandOutcome | None]:
    """An outcome for each entry, None for the dead. ``look_up`` is called about every second of waiting.

    Raises Overloaded, LedgerUnavailable: then the same batch has to be decided again, and nothing after it before.
    """
    commands = [entry.received for entry in batch if isinstance(entry.received, ToDecide)]
    submissions = [submission for command in commands for submission in command.submissions]
    found = iter(_found(appender.submit(submissions, in_order=True), look_up) if submissions else ())
    return [_outcome(entry.received, found) for entry in batch]


def _outcome(received: Received, found: Iterator[Decided]) -> CommandOutcome | None:
    if isinstance(received, Dead):
        return None
    if isinstance(received, TurnedAway):
        return turned_away(received)
    return decided(received, [next(found) for _ in received.submissions])


def _found(futures: Sequence[Future[Outcome]], look_up: Callable[[], None]) -> list[Decided]:
    while wait(futures, timeout=_LOOK_UP_S).not_done:
        look_up()
    return [_decided(future) for future in futures]


def _decided(future: Future[Outcome]) -> Decided:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, InvalidInput):
        return error
    if isinstance(error, LedgerUnavailable) or not isinstance(error, Exception):
        raise error
    return error
