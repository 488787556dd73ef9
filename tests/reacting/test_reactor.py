"""The reactor on a real Postgres, beside the appenders of `serve`: everything is booked, and once."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from appender.ledger import VirtualClock
from reacting.booked import charges, events_of, has_reacted_to_all
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import SuspendedUsageRated
from usage_ledger.handlers import PROCESS_HANDLERS
from usage_ledger.pricing.commands import (
    MapModel,
    MarginText,
    PriceText,
    PublishPrices,
    SetPricingPolicy,
    WithdrawPrice,
)
from usage_ledger.reacting import reactor as reactor_module
from usage_ledger.streams import FACTS_SHARD, shard_of
from usage_ledger.usage.commands import JudgeWaitingUsage
from usage_ledger.workspaces.commands import DecideProvision, RegisterWorkspace
from usage_ledger_schemas import metrics
from waiting import eventually

ITEM = 250_000  # nano-units that an item of the ledger in these tests costs
NEW_PRICE = PublishPrices(
    "new-1",
    "acme/new",
    "sell",
    "USD",
    PriceText(per_million={"input": "1", "output": "2"}),
    "arrived",
    effective_from=0,
)


class BlockedClock(VirtualClock):
    """Once ``blocked``, it stands still within a decision, so that its shard stays locked, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked = False
        self.asked = Event()
        self.let_go = Event()

    def now(self) -> int:
        if self.blocked:
            self.asked.set()
            self.let_go.wait()
        return super().now()


def test_waiting_usage_is_booked_when_its_workspace_comes(ledger, start_reactor, owner):
    ledger.send(ledger.usage("a1", "a2", workspace="new"))
    start_reactor()
    ledger.send(RegisterWorkspace("new", account_id="main"))
    eventually(lambda: charges(owner) == {"a1": ITEM, "a2": ITEM})


def test_usage_that_came_before_its_run_is_booked_when_the_run_is_decided(ledger, start_reactor, owner):
    ledger.send(ledger.usage("a1", "a2", run_id="r1"))
    ledger.send(ledger.usage("a3", run_id="r2"))
    start_reactor()
    ledger.send(DecideProvision("ws", "r1"))
    eventually(lambda: charges(owner) == {"a1": ITEM, "a2": ITEM})
    ledger.send(ledger.usage("a4", run_id="r1"))
    eventually(lambda: charges(owner) == {"a1": ITEM, "a2": ITEM, "a4": ITEM})


def test_a_price_rates_what_waits_in_every_shard(ledger, start_reactor, owner):
    tenants = ["acme", "globex", "initech", "umbrella", "hooli", "stark"]
    assert {shard_of(tenant, 4) for tenant in tenants} == {0, 1, 2, 3}
    for tenant in tenants[1:]:
        ledger.send(OpenAccount("main", "org", "USD"), tenant=tenant)
        ledger.send(RegisterWorkspace("ws", account_id="main"), tenant=tenant)
    for tenant in tenants:
        ledger.send(ledger.usage("a1", tenant=tenant, model="acme/new"), tenant=tenant)
    start_reactor()
    ledger.send(NEW_PRICE, tenant="platform")
    eventually(lambda: all(charges(owner, f"{tenant}/account-main") == {"a1": ITEM} for tenant in tenants))


@pytest.mark.rule("U12")
def test_an_alias_and_a_margin_rate_what_waits_for_them(ledger, start_reactor, owner):
    cost = PublishPrices("cost-1", "acme/cost", "cost", "USD", NEW_PRICE.price, "list", effective_from=0)
    ledger.send(ledger.usage("a1", model="acme/latest"))
    ledger.send(ledger.usage("a2", model="acme/cost"))
    ledger.send(ledger.usage("a3", model="acme/alias-of-alias"))
    start_reactor()
    ledger.send(cost, tenant="platform")
    ledger.send(MapModel("acme/alias-of-alias", "acme/latest"), tenant="platform")
    ledger.send(NEW_PRICE, tenant="platform")
    ledger.send(MapModel("acme/latest", "acme/new"), tenant="platform")
    ledger.send(SetPricingPolicy(model="acme/c*", margin=MarginText("percent", "100")), tenant="platform")
    eventually(lambda: charges(owner) == {"a1": ITEM, "a2": 2 * ITEM, "a3": ITEM})
    eventually(lambda: has_reacted_to_all(owner))
    rated = [event for event in events_of(owner, "acme/account-main") if isinstance(event, SuspendedUsageRated)]
    assert sum(len(event.lines) for event in rated) == 3


@pytest.mark.rule("P3")
def test_a_withdrawal_rates_by_the_version_before(ledger, start_reactor, owner):
    holed = PublishPrices("holed", "acme/new", "sell", "USD", PriceText(per_request="1"), "oops", effective_from=0)
    for price in (NEW_PRICE, holed):
        ledger.send(price, tenant="platform")
    ledger.send(ledger.usage("a1", model="acme/new"))
    start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    assert charges(owner) == {"a1": 0}
    ledger.send(WithdrawPrice("holed", "no price for tokens"), tenant="platform")
    eventually(lambda: charges(owner) == {"a1": ITEM})


def test_live_traffic_beside_it_charges_the_same_account_right(ledger, open_ledger, start_reactor, owner):
    waiting = [f"w{n}" for n in range(40)]
    ledger.send(ledger.usage(*waiting, workspace="new"))
    other = open_ledger()
    start_reactor()
    ledger.send(RegisterWorkspace("new", account_id="main"))
    live = [f"l{n}" for n in range(40)]
    for n, name in enumerate(live):
        one = ledger if n % 2 else other
        one.send(one.usage(name))
    eventually(lambda: charges(owner) == dict.fromkeys([*waiting, *live], ITEM))
    assert ledger.balance() == "99.980000000"


def test_a_reaction_begun_and_not_checkpointed_is_the_same_command_again(ledger, start_reactor, owner):
    ledger.send(ledger.usage("a1", workspace="new"))
    ledger.send(ledger.usage("a2", model="acme/new"))
    ledger.send(RegisterWorkspace("new", account_id="main"))
    ledger.send(NEW_PRICE, tenant="platform")
    first = start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    first.stop()
    owner.execute("UPDATE ledger.reactor_checkpoints SET position = 0")
    start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    assert charges(owner) == {"a1": ITEM, "a2": ITEM}


def test_a_worker_killed_between_append_and_checkpoint_leaves_nothing_undone_and_nothing_twice(
    ledger, start_process, owner, ledger_database
):
    ledger.send(ledger.usage("a1", "a2", workspace="new"))
    ledger.send(ledger.usage("a3", model="acme/new"))
    ledger.send(NEW_PRICE, tenant="platform")
    ledger.send(RegisterWorkspace("new", account_id="main"))
    everything = dict.fromkeys(["a1", "a2", "a3"], ITEM)
    with psycopg.connect(ledger_database) as blocker:
        # Its checkpoint cannot move as long as this lock is held; what it appends can.
        blocker.execute("INSERT INTO ledger.reactor_checkpoints SELECT shard, 0 FROM ledger.shards")
        blocker.commit()
        blocker.execute("SELECT FROM ledger.reactor_checkpoints FOR UPDATE")
        worker = start_process("--lease-seconds", "0.5")
        eventually(lambda: charges(owner) == everything)
        worker.kill()
        worker.wait()
        assert not has_reacted_to_all(owner)
    start_process("--lease-seconds", "0.5")
    eventually(lambda: has_reacted_to_all(owner))
    assert charges(owner) == everything


def test_another_worker_takes_over_when_the_lease_lapses(ledger, start_process, start_reactor, owner):
    killed = start_process("--lease-seconds", "1")
    eventually(lambda: has_reacted_to_all(owner))
    killed.kill()
    killed.wait()
    start_reactor(lease_s=1)
    ledger.send(ledger.usage("a1", workspace="new"))
    ledger.send(RegisterWorkspace("new", account_id="main"))
    eventually(lambda: charges(owner) == {"a1": ITEM})


def test_two_workers_at_once_charge_nothing_twice(ledger, start_reactor, owner):
    names = [f"a{n}" for n in range(30)]
    ledger.send(ledger.usage(*names[:15], workspace="new"))
    ledger.send(ledger.usage(*names[15:], model="acme/new"))
    for _ in range(2):
        start_reactor(lease_s=0.01)  # it lapses at once, so both believe that they serve every shard
    ledger.send(RegisterWorkspace("new", account_id="main"))
    ledger.send(NEW_PRICE, tenant="platform")
    eventually(lambda: charges(owner) == dict.fromkeys(names, ITEM))
    eventually(lambda: has_reacted_to_all(owner))
    assert charges(owner) == dict.fromkeys(names, ITEM)


def test_a_decision_that_does_not_know_the_price_is_waited_for(ledger, open_ledger, start_reactor, owner):
    assert shard_of("acme", 4) != FACTS_SHARD
    clock = BlockedClock()
    ignorant = open_ledger(clock)
    ignorant.send(ignorant.usage("a0"))
    clock.blocked = True
    deciding = Thread(target=ignorant.send, args=(ledger.usage("a1", model="acme/new"),))
    deciding.start()
    clock.asked.wait()
    ledger.send(NEW_PRICE, tenant="platform")
    start_reactor()
    # It has seen the price when it waits for the lock of the shard that is being decided in.
    eventually(lambda: _waits_for_a_lock(owner))
    clock.let_go.set()
    deciding.join()
    eventually(lambda: charges(owner) == {"a0": ITEM, "a1": ITEM})
    assert any(isinstance(event, SuspendedUsageRated) for event in events_of(owner, "acme/account-main"))


def _waits_for_a_lock(owner: Connection[Any]) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE usename = 'ledger_reactor' AND wait_event_type = 'Lock'"
    return owner.execute(query).fetchone() is not None


def test_a_reaction_that_fails_stops_its_shard_alone_and_is_tried_again(
    ledger, start_reactor, owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reactor_module, "FAILED_PAUSE_S", 0.05)
    fails = Event()
    fails.set()

    def judge(command: JudgeWaitingUsage, decision: Any) -> Any:
        if fails.is_set() and decision.tenant == "acme":
            raise RuntimeError("a defect")
        return PROCESS_HANDLERS[JudgeWaitingUsage](command, decision)

    shard = shard_of("acme", 4)
    other = next(name for name in ("globex", "initech", "hooli") if shard_of(name, 4) != shard)
    ledger.send(OpenAccount("main", "org", "USD"), tenant=other)
    for tenant in ("acme", other):
        ledger.send(ledger.usage("a1", tenant=tenant, workspace="new"), tenant=tenant)
        ledger.send(RegisterWorkspace("new", account_id="main"), tenant=tenant)
    failures = metrics.reactor_failures_total.labels(shard)
    before = failures._value.get()
    start_reactor(handlers={**PROCESS_HANDLERS, JudgeWaitingUsage: judge})
    eventually(lambda: charges(owner, f"{other}/account-main") == {"a1": ITEM})
    eventually(lambda: failures._value.get() > before + 1)
    assert charges(owner) == {}
    fails.clear()
    eventually(lambda: charges(owner) == {"a1": ITEM})


def test_a_fact_that_cannot_be_decoded_stops_its_shard_alone_until_it_can(
    ledger, start_reactor, owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reactor_module, "FAILED_PAUSE_S", 0.05)
    shard = shard_of("acme", 4)
    other = next(name for name in ("globex", "initech", "hooli") if shard_of(name, 4) != shard)
    ledger.send(OpenAccount("main", "org", "USD"), tenant=other)
    for tenant in ("acme", other):
        ledger.send(ledger.usage("a1", tenant=tenant, workspace="new"), tenant=tenant)
        ledger.send(RegisterWorkspace("new", account_id="main"), tenant=tenant)
    overwrite = "UPDATE ledger.events SET body = %s WHERE stream_id = 'acme/workspace-new'"
    (body,) = owner.execute("SELECT body FROM ledger.events WHERE stream_id = 'acme/workspace-new'").fetchone()
    owner.execute(overwrite, (b"poison",))
    failures = metrics.reactor_failures_total.labels(shard)
    before = failures._value.get()
    start_reactor()
    eventually(lambda: charges(owner, f"{other}/account-main") == {"a1": ITEM})
    eventually(lambda: failures._value.get() > before + 1)
    assert charges(owner) == {}
    owner.execute(overwrite, (body,))
    eventually(lambda: charges(owner) == {"a1": ITEM})


def test_a_store_that_goes_away_is_found_again(ledger, start_reactor, owner):
    start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'ledger_reactor' AND datname = current_database()"
    )
    ledger.send(ledger.usage("a1", workspace="new"))
    ledger.send(RegisterWorkspace("new", account_id="main"))
    eventually(lambda: charges(owner) == {"a1": ITEM})


def test_it_stops_in_order_when_it_is_told_to(ledger, start_process, owner):
    worker = start_process()
    eventually(lambda: has_reacted_to_all(owner))
    worker.terminate()
    assert worker.wait() == 0
    held = owner.execute("SELECT count(*) FROM ledger.leases WHERE name LIKE 'reactor-%' AND until > clock_timestamp()")
    assert held.fetchone() == (0,)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("ledger_appender", "UPDATE ledger.reactor_checkpoints SET position = 0"),
        ("ledger_projector", "UPDATE ledger.reactor_checkpoints SET position = 0"),
        ("ledger_reader", "DELETE FROM ledger.quarantined"),
        ("ledger_reader", "DELETE FROM ledger.suspended"),
        ("ledger_reactor", "UPDATE ledger.relay_checkpoints SET position = 0"),
        ("ledger_reactor", "UPDATE views.account_balances SET posted = 0"),
        ("ledger_reactor", "DELETE FROM ledger.events"),
        ("ledger_reactor", "INSERT INTO ledger.facts VALUES (1)"),
        ("ledger_reactor", "SELECT FROM ledger.service_keys"),
        ("ledger_appender", "UPDATE ledger.attempts SET content = ''"),
    ],
)
def test_each_role_may_do_its_part_only(ledger_database: str, role: str, statement: str):
    forbidden = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(make_conninfo(ledger_database, user=role)) as connection, forbidden:
        connection.execute(statement)
