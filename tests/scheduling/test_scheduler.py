"""The scheduler on a real Postgres: what is due to idle accounts is done, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reacting.booked import events_of
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount
from usage_ledger.accounts.credits.events import CreditsExpired
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
