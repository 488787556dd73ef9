"""What fails, fails alone; what is unknown is asked, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from appender.ledger import Ledger, VirtualClock, statuses
from usage_ledger.accounts.commands import RecordPurchase
from usage_ledger.adapters.memory_store import MemoryStore, MemoryTransaction
from usage_ledger.appender import Appender, AppenderLimits, LedgerUnavailable, Overloaded
from usage_ledger.handlers import HANDLERS
from usage_ledger.refusals import InvalidInput
from usage_ledger.store import CommitUnknown, Named, StoreUnavailable
from usage_ledger.usage.commands import RecordUsage


class FlakyStore(MemoryStore):
    """Fails as often as it is told: before the work, after it was committed, or instead of committing."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    @contextmanager
    def transaction(self, shards: Iterable[int], named: Named = Named()) -> Iterator[Any]:  # noqa: B008 - immutable
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "down":
            raise StoreUnavailable("down")
        if fault == "lost":
            yield MemoryTransaction(self, sorted(set(shards)), named)
            raise CommitUnknown("the connection broke before the commit")
        with super().transaction(shards, named) as transaction:
            yield transaction
        if fault == "unanswered":
            raise CommitUnknown("the connection broke after the commit")


@pytest.fixture
def store() -> FlakyStore:
    return FlakyStore()


@pytest.fixture
def ledger(store: FlakyStore) -> Ledger:
    clock = VirtualClock()
    ledger = Ledger(Appender(store, clock, HANDLERS, AppenderLimits(queue_items=3, settle_unknown_s=0.0)), clock)
    ledger.furnish()
    return ledger


def test_a_commit_that_was_not_answered_but_happened_gives_its_own_outcome(ledger: Ledger, store: FlakyStore) -> None:
    store.faults = ["unanswered"]
    assert statuses(ledger.send(ledger.usage("a1"))) == ["accepted"]
    assert ledger.balance() == "99.999750000"


def test_a_commit_that_did_not_happen_is_done_again_once(ledger: Ledger, store: FlakyStore) -> None:
    store.faults = ["lost"]
    assert statuses(ledger.send(ledger.usage("a1"))) == ["accepted"]
    assert ledger.balance() == "99.999750000"


def test_a_commit_nobody_can_be_asked_about_is_unavailable_not_guessed(ledger: Ledger, store: FlakyStore) -> None:
    store.faults = ["unanswered", "down"]
    with pytest.raises(LedgerUnavailable):
        ledger.send(ledger.usage("a1"))
    assert statuses(ledger.send(ledger.usage("a1"))) == ["duplicate"]


def test_a_store_that_is_down_accepts_nothing(ledger: Ledger, store: FlakyStore) -> None:
    store.faults = ["down"]
    with pytest.raises(LedgerUnavailable):
        ledger.send(ledger.usage("a1"))
    assert statuses(ledger.send(ledger.usage("a1"))) == ["accepted"]


def failing(command: RecordUsage, decision: Any) -> Any:
    if any(attempt.attempt_id == "poison" for attempt in command.attempts):
        raise ZeroDivisionError
    return HANDLERS[RecordUsage](command, decision)


def test_a_command_that_fails_takes_none_of_its_group_with_it(store: FlakyStore, ledger: Ledger) -> None:
    appender = Appender(store, ledger.clock, {**HANDLERS, RecordUsage: failing})
    futures = appender.submit([ledger.submission(ledger.usage(attempt)) for attempt in ("a1", "poison", "a2")])
    appender.start()
    assert statuses(futures[0].result(10)) == statuses(futures[2].result(10)) == ["accepted"]
    with pytest.raises(ZeroDivisionError):
        futures[1].result(10)
    appender.stop()
    assert len(store.attempts) == 2


def in_two_groups(ledger: Ledger, store: FlakyStore, *, in_order: bool) -> list[Any]:
    """Two purchases, a group each, of which the first meets a store that is down: what became of them."""
    appender = Appender(store, ledger.clock, HANDLERS, AppenderLimits(group_items=1))
    purchases = [RecordPurchase("main", "1", payment) for payment in ("card/2", "card/3")]
    futures = appender.submit([ledger.submission(purchase) for purchase in purchases], in_order=in_order)
    store.faults = ["down"]
    appender.start()
    found = [future.exception(10) or future.result() for future in futures]
    appender.stop()
    return found


def test_what_follows_an_unknown_outcome_in_its_order_is_not_tried(ledger: Ledger, store: FlakyStore) -> None:
    first, second = in_two_groups(ledger, store, in_order=True)
    assert isinstance(first, LedgerUnavailable)
    assert isinstance(second, LedgerUnavailable)
    assert ledger.balance() == "100.000000000"


def test_where_order_does_not_matter_each_is_tried(ledger: Ledger, store: FlakyStore) -> None:
    first, second = in_two_groups(ledger, store, in_order=False)
    assert isinstance(first, LedgerUnavailable)
    assert second.outcome == "accepted"


def test_one_by_one_the_order_holds_as_well(ledger: Ledger, store: FlakyStore) -> None:
    """A defect makes the group run singly; then the store goes away between two of its commands."""
    appender = Appender(store, ledger.clock, {**HANDLERS, RecordUsage: failing})
    commands = [ledger.usage("poison"), RecordPurchase("main", "1", "card/2"), RecordPurchase("main", "1", "card/3")]
    futures = appender.submit([ledger.submission(command) for command in commands], in_order=True)
    store.faults = ["", "", "down"]
    appender.start()
    errors = [type(future.exception(10)) for future in futures]
    appender.stop()
    assert errors == [ZeroDivisionError, LedgerUnavailable, LedgerUnavailable]
    assert ledger.balance() == "100.000000000"


def test_invalid_input_found_while_deciding_is_answered_and_not_stored(ledger: Ledger, store: FlakyStore) -> None:
    known = len(store.commands)
    wrong, right = ledger.send_all(*(ledger.submission(ledger.grant(amount)) for amount in ("1e3", "1")))
    assert isinstance(wrong, InvalidInput)
    assert right.outcome == "accepted"
    assert len(store.commands) == known + 1


def test_more_than_may_wait_is_overloaded_as_a_whole(ledger: Ledger) -> None:
    appender = ledger.appender
    with pytest.raises(Overloaded):
        appender.submit([ledger.submission(ledger.usage("a1", "a2")), ledger.submission(ledger.usage("a3", "a4"))])
    assert len(appender.submit([ledger.submission(ledger.usage("a1", "a2", "a3"))])) == 1


def test_stopping_finishes_what_is_waiting_and_takes_nothing_more(ledger: Ledger) -> None:
    appender = ledger.appender
    (future,) = appender.submit([ledger.submission(ledger.usage("a1"))])
    appender.start()
    appender.stop()
    assert statuses(future.result(0)) == ["accepted"]
    with pytest.raises(Overloaded):
        appender.submit([ledger.submission(ledger.usage("a2"))])
