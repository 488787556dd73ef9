"""The scheduler on a real Postgres: what is due to idle accounts is done, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reacting.booked import events_of
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import GrantAllowance
from usage_ledger.accounts.credits.events import CreditsExpired
from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.accounts.limits.commands import ConfigureAutoTopup
from usage_ledger.handlers import PROCESS_HANDLERS
from usage_ledger.scheduling import scheduler as scheduler_module
from usage_ledger_schemas import metrics
from waiting import eventually

ACCOUNTS = [f"idle-{n}" for n in range(12)]
TENANTS = ["acme", "globex", "initech"]


@pytest.fixture
def idle(ledger, clock) -> list[str]:
    """Streams of accounts in several shards, on each of which a gift expires in an hour, and nothing else happens."""
    soon = clock.now() + 3_600_000_000
    for tenant in TENANTS:
        for account in ACCOUNTS:
            ledger.send(OpenAccount(account, "org", "USD"), tenant=tenant)
            ledger.send(GrantCredits(account, "1.00", "promo", "gift", expires_at=soon), tenant=tenant)
    return [f"{tenant}/account-{account}" for tenant in TENANTS for account in ACCOUNTS]


def expired(owner, streams: list[str]) -> list[int]:
    """How often the gift of each account expired."""
    return [sum(isinstance(event, CreditsExpired) for event in events_of(owner, stream)) for stream in streams]


def all_done(owner, streams: list[str]) -> bool:
    return owner.execute("SELECT count(*) FROM ledger.due").fetchone() == (0,) and all(expired(owner, streams))


@pytest.mark.rule("C6")
def test_what_is_due_to_idle_accounts_is_done_when_its_time_comes(idle, clock, start_scheduler, owner):
    start_scheduler()
    clock.forward(minutes=59)
    assert owner.execute("SELECT count(*) FROM ledger.due").fetchone() == (len(idle),)
    clock.forward(minutes=2)
    eventually(lambda: all_done(owner, idle))
    assert expired(owner, idle) == [1] * len(idle)
    assert metrics.scheduler_failures_total.labels(1)._value.get() == 0


@pytest.mark.rule("C6")
def test_two_schedulers_at_once_do_nothing_twice(idle, clock, start_scheduler, owner):
    clock.forward(hours=2)
    for _ in range(2):
        start_scheduler(lease_s=0.01)  # it lapses at once, so both believe that they serve every shard
    eventually(lambda: all_done(owner, idle))
    assert expired(owner, idle) == [1] * len(idle)


@pytest.mark.rule("C6")
def test_every_kind_of_change_is_the_schedulers_to_make(ledger, clock, start_scheduler, owner):
    """With the privileges of its own login."""
    soon = clock.now() + 3_600_000_000
    ledger.send(GrantCredits("main", "1.00", "promo", "gift", expires_at=soon))
    ledger.send(GrantCredits("main", "2.00", "promo", "later", effective_at=soon))
    ledger.send(GrantAllowance("main", "team", "2026-03", "5.00", "full"))
    ledger.send(PlaceHold("main", "h1", "ws", amount="1.00", expires_in_s=3_600))
    ledger.send(ConfigureAutoTopup("main", "1000.00", "5.00"))
    ledger.send(ledger.usage("a1"))
    last = owner.execute("SELECT max(stream_version) FROM ledger.events WHERE stream_id = 'acme/account-main'")
    (before,) = last.fetchone()
    clock.forward(days=31)
    start_scheduler()
    eventually(lambda: len(events_of(owner, "acme/account-main")) >= before + 7)
    happened = [type(event).__name__ for event in events_of(owner, "acme/account-main")[before:]]
    assert happened == [
        "AutoTopupLeaseExpired",
        "CreditsGranted",
        "HoldExpired",
        "CreditsExpired",
        "AutoTopupTriggered",
        "AutoTopupLeaseExpired",
        "CreditsRolledOver",
    ]
    assert owner.execute("SELECT state FROM ledger.holds").fetchall() == [("expired",)]


def test_another_one_takes_over_what_a_killed_one_left(clock, ledger, start_process, owner):
    killed = start_process("--lease-seconds", "1")
    eventually(lambda: owner.execute("SELECT count(*) FROM ledger.leases").fetchone() == (4,))
    killed.kill()
    killed.wait()
    clock.at = datetime.now(UTC)  # the processes go by the machine's
    ledger.send(GrantCredits("main", "1.00", "promo", "gift", expires_at=clock.now() + 1_000_000))
    start_process("--lease-seconds", "1")
    eventually(lambda: all_done(owner, ["acme/account-main"]))
    assert expired(owner, ["acme/account-main"]) == [1]


def test_an_account_that_fails_is_tried_again_and_stops_no_other(
    idle, clock, start_scheduler, owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scheduler_module, "FAILED_PAUSE_S", 0.05)
    broken = [True]

    def apply(command: ApplyDueChanges, decision: Any) -> Any:
        if broken[0] and (decision.tenant, command.account_id) == ("acme", "idle-3"):
            raise RuntimeError("a defect")
        return PROCESS_HANDLERS[ApplyDueChanges](command, decision)

    clock.forward(hours=2)
    start_scheduler(handlers={**PROCESS_HANDLERS, ApplyDueChanges: apply})
    eventually(lambda: sum(expired(owner, idle)) == len(idle) - 1)
    assert owner.execute("SELECT tenant, account_id FROM ledger.due").fetchall() == [("acme", "idle-3")]
    broken[0] = False
    eventually(lambda: all_done(owner, idle))
    assert expired(owner, idle) == [1] * len(idle)


@pytest.mark.rule("C6")
@pytest.mark.rule("M2")
def test_what_cannot_happen_yet_hides_no_other_account(
    idle, ledger, clock, start_scheduler, owner, monkeypatch: pytest.MonkeyPatch
):
    """A grant that would pass 64 bits stays due, and was due first."""
    monkeypatch.setattr(scheduler_module, "BATCH_ACCOUNTS", 1)
    at = clock.now() + 1_800_000_000
    ledger.send(OpenAccount("full", "org", "USD"))
    ledger.send(GrantCredits("full", "9223372036", "promo", "as much as can be"))
    ledger.send(GrantCredits("full", "9223372036", "promo", "too much", effective_at=at))
    clock.forward(hours=2)
    start_scheduler()
    eventually(lambda: sum(expired(owner, idle)) == len(idle))
    assert owner.execute("SELECT account_id FROM ledger.due").fetchall() == [("full",)]


@pytest.mark.rule("C6")
@pytest.mark.rule("M2")
def test_what_could_not_happen_is_tried_again(ledger, clock, start_scheduler, owner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler_module, "STUCK_PAUSE_S", 0.05)
    at = clock.now() + 1_800_000_000
    ledger.send(OpenAccount("full", "org", "USD"))
    ledger.send(RecordPurchase("full", "9223372036", "pay", expires_at=at + 3_600_000_000))
    ledger.send(GrantCredits("full", "9223372036", "promo", "too much", effective_at=at))
    clock.forward(minutes=31)
    start_scheduler()
    tried = metrics.scheduler_commands_total.labels("accepted")
    before = tried._value.get()
    eventually(lambda: tried._value.get() > before)
    clock.forward(hours=2)
    eventually(lambda: owner.execute("SELECT count(*) FROM ledger.due").fetchone() == (0,))
