"""What is due is done once, by whoever comes first: a command, a scheduler, two of them, late or twice (C6)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.limits.spending import Spending
from domain.rehearsal import SECOND
from domain.usage.metered_ledger import ACCOUNT, price
from reacting.in_memory import ReactorInMemory
from scheduling.in_memory import SchedulerInMemory
from usage_ledger.accounts.commands import GrantCredits
from usage_ledger.accounts.limits.commands import ConfigureAutoTopup
from usage_ledger.accounts.limits.topup import LEASE_MICROS
from usage_ledger.store import DueRow
from usage_ledger.streams import shard_of

MINUTE = 60 * SECOND


class Idle:
    """An account with a lease, a lot that expires and a grant to come, at different times; two schedulers watch."""

    def __init__(self) -> None:
        self.spending = Spending(credit="1.00")
        ledger = self.spending.ledger
        ledger.given(ConfigureAutoTopup("acc", "10.50", "5.00"))
        self.spending.spend(1)
        self.began = ledger.now
        ledger.given(
            GrantCredits("acc", "2.00", "promo", "gift", expires_at=self.began + 10 * MINUTE),
            GrantCredits("acc", "3.00", "promo", "later", effective_at=self.began + 20 * MINUTE),
        )
        self.schedulers = [SchedulerInMemory(ledger.store, ledger.clock) for _ in range(2)]

    def outcome(self) -> list[tuple[str, str, int, object]]:
        """What the clock brought: each event with its id and when it occurred, whenever it was recorded."""
        recorded = self.spending.ledger.recorded(ACCOUNT)
        return [
            (envelope.source, envelope.command_id, envelope.occurred_at, payload)
            for envelope, payload in recorded
            if envelope.source == "clock"
        ]


def on_time() -> list[tuple[str, str, int, object]]:
    idle = Idle()
    for _ in range(60):
        idle.schedulers[0].run()
        idle.spending.ledger.wait(MINUTE)
    return idle.outcome()


@pytest.mark.rule("C6")
def test_what_is_due_is_done_in_the_order_of_its_times() -> None:
    assert [type(payload).__name__ for *_, payload in on_time()] == [
        "CreditsExpired",
        "AutoTopupLeaseExpired",
        "CreditsGranted",
    ]


@pytest.mark.rule("C6")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["look", "do", "run"]), st.integers(0, 1), st.integers(0, 25)), max_size=20))
def test_twice_late_and_in_two_places_come_to_the_same(steps: list[tuple[str, int, int]]) -> None:
    idle = Idle()
    found: list[list] = [[], []]
    for what, which, minutes in steps:
        idle.spending.ledger.wait(minutes * MINUTE)
        scheduler = idle.schedulers[which]
        if what == "look":
            found[which] = scheduler.look()
        elif what == "do":
            scheduler.do(found[which])  # what it saw may be long done by the other
        else:
            scheduler.run()
    idle.spending.ledger.wait(60 * MINUTE)
    idle.schedulers[0].run()
    assert idle.outcome() == on_time()


@pytest.mark.rule("C6")
def test_a_command_that_comes_first_leaves_nothing_to_do() -> None:
    idle = Idle()
    idle.spending.ledger.wait(60 * MINUTE)
    found = idle.schedulers[0].look()
    idle.spending.spend(0.01)
    before = len(idle.spending.types())
    idle.schedulers[0].do(found)
    assert len(idle.spending.types()) == before
    assert idle.schedulers[0].look() == []


@pytest.mark.rule("C6")
@pytest.mark.rule("U12")
def test_usage_that_is_rated_by_itself_finds_what_was_due_done() -> None:
    idle = Idle()
    ledger = idle.spending.ledger
    idle.spending.spend(1, model="acme/new")
    ledger.wait(15 * MINUTE)
    ledger.given(price("acme/new", "new-1", {"input": "1"}, effective_from=0), tenant="platform")
    ReactorInMemory(ledger.store, ledger.clock).react()
    types = idle.spending.types()
    assert types[types.index("CreditsExpired") :] == [
        "CreditsExpired",
        "AutoTopupLeaseExpired",
        "SuspendedUsageRated",
        "AutoTopupTriggered",
    ]


@pytest.mark.rule("C6")
def test_the_row_follows_the_account_and_goes_when_nothing_is_due() -> None:
    spending = Spending(credit="1.00")
    store = spending.ledger.store
    assert store.due == {}
    spending.ledger.given(ConfigureAutoTopup("acc", "10.50", "5.00"))
    at = spending.ledger.now
    spending.spend(1)
    assert store.due == {("t1", "acc"): DueRow("t1", "acc", shard_of("t1", 4), at + LEASE_MICROS)}
    spending.ledger.wait(LEASE_MICROS)
    SchedulerInMemory(store, spending.ledger.clock).run()
    assert store.due == {}


@pytest.mark.rule("C6")
def test_very_many_changes_at_once_are_done_in_several_appends() -> None:
    spending = Spending()
    ledger = spending.ledger
    soon = ledger.now + 60 * MINUTE
    ledger.given_together(*(GrantCredits("acc", "1.00", "promo", f"gift-{n}", expires_at=soon) for n in range(250)))
    ledger.clock.instant = soon
    scheduler = SchedulerInMemory(ledger.store, ledger.clock)
    expired = []
    while due := scheduler.look():
        scheduler.do(due)
        expired.append(spending.types().count("CreditsExpired"))
    assert expired == [100, 200, 250]


def test_what_the_scheduler_sends_is_stored_nowhere() -> None:
    idle = Idle()
    idle.spending.ledger.wait(60 * MINUTE)
    before = len(idle.spending.ledger.store.commands)
    idle.schedulers[0].run()
    assert len(idle.spending.ledger.store.commands) == before
