"""What is due is done before a command is decided, however much it is, and only so much of it in one append (C6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from appender.ledger import Ledger, VirtualClock
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.current import current_account
from usage_ledger.accounts.lifecycle.answers import StatusAnswer, status_answer
from usage_ledger.accounts.lifecycle.commands import SuspendAccount
from usage_ledger.accounts.lifecycle.events import AccountSuspended
from usage_ledger.adapters.avro_mapper import decode_state
from usage_ledger.adapters.memory_store import MemoryStore, MemoryTransaction
from usage_ledger.appender import Appender
from usage_ledger.appending.command_decision import DUE_EVENTS_MAX
from usage_ledger.deciding import Decision
from usage_ledger.handlers import HANDLERS
from usage_ledger.store import CommitUnknown, Named, StoreUnavailable

pytestmark = pytest.mark.rule("C6")

LOTS = 2 * DUE_EVENTS_MAX + 10
MAIN, OTHER = "acme/account-main", "acme/account-other"


class CountingStore(MemoryStore):
    """Notes how many events each transaction appended; fails in the way that it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.appended: list[int] = []
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
            self.appended.append(len(transaction.batch.events))

    def types(self, stream_id: str) -> list[str]:
        return [event.stored.topic for event in self.by_stream[stream_id]]


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


@pytest.fixture
def ledger(store: CountingStore) -> Ledger:
    """Account ``main``, of which very many lots expire in an hour; it is an hour later."""
    clock = VirtualClock()
    ledger = Ledger(Appender(store, clock, HANDLERS), clock)
    ledger.furnish()
    ledger.send(OpenAccount("other", "org", "USD"))
    expires_at = clock.now() + 3_600_000_000
    ledger.send_all(
        *(ledger.submission(ledger.grant("0.01", reference=f"g{n}", expires_at=expires_at)) for n in range(LOTS))
    )
    clock.forward(hours=1)
    store.appended.clear()
    return ledger


def purchase(ledger: Ledger, number: int, account_id: str = "main") -> Any:
    return ledger.submission(RecordPurchase(account_id, "1.00", f"card/{account_id}/{number}"))


def test_it_is_done_in_several_appends_and_then_the_command_is_decided(ledger: Ledger, store: CountingStore) -> None:
    (outcome,) = ledger.send_all(purchase(ledger, 1))
    assert outcome.outcome == "accepted"
    assert store.appended == [DUE_EVENTS_MAX, DUE_EVENTS_MAX, LOTS - 2 * DUE_EVENTS_MAX + 1]
    assert store.types(MAIN)[-LOTS - 1 :] == [*["CreditsExpired"] * LOTS, "PurchaseRecorded"]


def test_what_was_decided_before_it_is_committed_with_the_first_and_nothing_overtakes(
    ledger: Ledger, store: CountingStore
) -> None:
    sent = [purchase(ledger, 1, "other"), purchase(ledger, 1), purchase(ledger, 2, "other"), purchase(ledger, 2)]
    outcomes = ledger.send_all(*sent)
    assert [outcome.outcome for outcome in outcomes] == ["accepted"] * 4
    assert store.appended == [DUE_EVENTS_MAX + 1, DUE_EVENTS_MAX, LOTS - 2 * DUE_EVENTS_MAX + 3]
    positions = [int(outcome.positions[0].rpartition("-")[2]) for outcome in outcomes]
    assert positions == sorted(positions)


def test_the_thread_answers_everybody_in_order_and_once(ledger: Ledger, store: CountingStore) -> None:
    sent = [purchase(ledger, 1, "other"), purchase(ledger, 1), purchase(ledger, 2, "other")]
    futures = ledger.appender.submit(sent, in_order=True)
    ledger.appender.start()
    outcomes = [future.result(timeout=30) for future in futures]
    ledger.appender.stop()
    assert [(outcome.outcome, outcome.replayed) for outcome in outcomes] == [("accepted", False)] * 3
    assert store.types(OTHER) == ["AccountOpened", "PurchaseRecorded", "PurchaseRecorded"]
    assert store.types(MAIN).count("CreditsExpired") == LOTS


def test_what_was_committed_stays_answered_though_the_rest_fails(ledger: Ledger, store: CountingStore) -> None:
    store.faults = ["", "down"]
    futures = ledger.appender.submit([purchase(ledger, 1, "other"), purchase(ledger, 1)])
    ledger.appender.start()
    assert futures[0].result(timeout=30).outcome == "accepted"
    with pytest.raises(Exception, match="down"):
        futures[1].result(timeout=30)
    ledger.appender.stop()
    assert store.types(MAIN).count("CreditsExpired") == DUE_EVENTS_MAX


def test_a_commit_that_was_lost_on_the_way_is_made_again(ledger: Ledger, store: CountingStore) -> None:
    store.faults = ["", "lost"]
    (outcome,) = ledger.send_all(purchase(ledger, 1))
    assert outcome.outcome == "accepted"
    assert store.types(MAIN).count("CreditsExpired") == LOTS


def test_a_refusal_comes_after_everything_that_was_due(ledger: Ledger, store: CountingStore) -> None:
    (outcome,) = ledger.send_all(ledger.submission(RecordPurchase("main", "1.001", "card/1")))
    assert outcome.code == "amount_not_chargeable"
    assert store.types(MAIN).count("CreditsExpired") == LOTS


def test_very_many_accounts_with_a_little_due_are_done_in_one(ledger: Ledger, store: CountingStore) -> None:
    names = [f"a{n}" for n in range(50)]
    expires_at = ledger.clock.now() + 3_600_000_000
    ledger.send_all(*(ledger.submission(OpenAccount(name, "org", "USD")) for name in names))
    ledger.send_all(
        *(ledger.submission(RecordPurchase(name, "1.00", f"old/{name}", expires_at=expires_at)) for name in names)
    )
    ledger.clock.forward(hours=1)
    store.appended.clear()
    ledger.send_all(*(purchase(ledger, 1, name) for name in names))
    assert len(store.appended) == 1


def test_a_replay_of_what_was_done_in_parts_is_the_account(ledger: Ledger, store: CountingStore) -> None:
    ledger.send_all(purchase(ledger, 1))
    account = Account()
    for event in store.by_stream[MAIN]:
        envelope, payload = decode_state(event.stored.state)
        account.apply(payload, envelope.recorded_at)
    assert (account.balance, len(account.lots)) == (101 * 10**9, 2)
    assert account.next_due > ledger.clock.now()


def test_a_command_that_recorded_something_is_never_decided_again(ledger: Ledger, store: CountingStore) -> None:
    """It should have asked for its account first; then its append is a long one, and has one effect."""

    def careless(command: SuspendAccount, decision: Decision) -> StatusAnswer:
        decision.record(OTHER, AccountSuspended("other", command.reason, (command.reason,)))
        return status_answer(current_account(decision, command.account_id))

    ledger.appender = Appender(store, ledger.clock, {SuspendAccount: careless})
    ledger.send(SuspendAccount("main", "abuse"))
    assert store.appended == [LOTS + 1]
    assert store.types(OTHER) == ["AccountOpened", "AccountSuspended"]
