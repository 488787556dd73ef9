"""A fact about many workspaces tells each whose answer it moves, whatever dies on the way and however many react."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from appender.ledger import Ledger, VirtualClock
from domain.governance.registries import publish
from reacting.booked import events_of, has_reacted_to_all
from reacting.in_memory import ReactorInMemory
from scheduling.in_memory import SchedulerInMemory
from usage_ledger.adapters.avro_mapper import decode_payload, decode_state
from usage_ledger.adapters.memory_store import MemoryStore
from usage_ledger.appender import Appender
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.handlers import HANDLERS, PROCESS_HANDLERS
from usage_ledger.reacting import reactor as reactor_module
from usage_ledger.reacting import resolving_modes
from usage_ledger.reacting.reaction_command import cause_of
from usage_ledger.workspaces.commands import (
    AddCredentialName,
    ChangeBillingMode,
    ClearOrgDefault,
    RegisterWorkspace,
    ResolveBillingModes,
    SetOrgDefault,
)
from usage_ledger.workspaces.events import BillingModeResolved
from waiting import eventually

FINGERPRINT = "hmac-sha256:" + "0" * 64


class InMemory:
    """A ledger, its reactor and its scheduler, on one store; workspaces of two tenants, one of an organization."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), VirtualClock()
        self.ledger = Ledger(Appender(self.store, self.clock, HANDLERS), self.clock)
        self.reactor = ReactorInMemory(self.store, self.clock)
        self.scheduler = SchedulerInMemory(self.store, self.clock)
        self.accepted(RegisterWorkspace("ws"), RegisterWorkspace("labs", organization_id="lab"))
        self.accepted(RegisterWorkspace("ws"), tenant="globex")
        self.reactor.react()

    def accepted(self, *commands: msgspec.Struct, tenant: str = "acme") -> None:
        for command in commands:
            outcome = self.ledger.send(command, tenant=tenant)
            assert outcome.outcome == "accepted", outcome

    def told(self) -> dict[str, list[BillingModeResolved]]:
        """By stream, what was resolved."""
        streams = {
            stream: [decode_payload(event.stored.state) for event in events]
            for stream, events in self.store.by_stream.items()
        }
        told = {
            stream: [event for event in events if isinstance(event, BillingModeResolved)]
            for stream, events in streams.items()
        }
        return {stream: events for stream, events in told.items() if events}

    def told_of(self, *facts: msgspec.Struct, tenant: str = "acme") -> set[str]:
        """Which workspaces are told when these become facts."""
        before = {stream: len(events) for stream, events in self.told().items()}
        self.accepted(*facts, tenant=tenant)
        self.reactor.react()
        after = self.told()
        return {stream for stream, events in after.items() if len(events) > before.get(stream, 0)}


@pytest.fixture
def world() -> InMemory:
    return InMemory()


ACME = {"acme/workspace-ws", "acme/workspace-labs"}
EVERYBODY = {*ACME, "globex/workspace-ws"}


def test_a_proxy_that_is_wired_or_not_any_more_concerns_everybody(world: InMemory) -> None:
    assert world.told_of(WireProxy(), tenant="platform") == EVERYBODY
    assert world.told_of(UnwireProxy(), tenant="platform") == EVERYBODY
    modes = [(each.before.mode, each.after.mode) for each in world.told()["acme/workspace-ws"] if each.before]
    assert modes == [("byok", "platform_managed"), ("platform_managed", "byok")]


def test_what_caused_it_is_the_facts_event(world: InMemory) -> None:
    world.told_of(WireProxy(), tenant="platform")
    (resolved,) = world.told()["acme/workspace-ws"]
    (wired,) = world.store.by_stream["platform/deployment-default"]
    assert resolved.cause == cause_of(decode_state(wired.stored.state)[0])


def test_a_registry_concerns_everybody(world: InMemory) -> None:
    assert world.told_of(publish(), tenant="platform") == EVERYBODY


def test_a_policy_concerns_its_scope(world: InMemory) -> None:
    assert world.told_of(ActivatePolicy("P1", "r"), tenant="platform") == EVERYBODY
    assert world.told_of(ActivatePolicy("P5", "r", organization_id="lab")) == {"acme/workspace-labs"}
    assert world.told_of(ActivatePolicy("P5", "r", workspace_id="ws")) == {"acme/workspace-ws"}


def test_an_organizations_default_concerns_its_workspaces_under_a_policy_that_reads_it(world: InMemory) -> None:
    assert world.told_of(SetOrgDefault("lab", "disabled", "r")) == set()
    world.told_of(ActivatePolicy("P3", "r"), tenant="platform")
    assert world.told_of(SetOrgDefault("acme", "disabled", "r")) == {"acme/workspace-ws"}
    assert world.told_of(ClearOrgDefault("acme", "r")) == {"acme/workspace-ws"}


def test_a_name_of_the_whole_organization_may_settle_what_another_workspace_lacked(world: InMemory) -> None:
    direct = RegisterWorkspace("direct", runtime="claude-code", model="claude-opus-4-7")
    world.accepted(direct)
    world.told_of(publish(), tenant="platform")
    lacking = world.told()["acme/workspace-direct"][-1]
    assert lacking.states == ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL",)
    seen = world.told_of(AddCredentialName("ws", "ANTHROPIC_API_KEY", FINGERPRINT, "tenant"))
    assert seen == {"acme/workspace-direct"}
    assert world.told()["acme/workspace-direct"][-1].states == ()


def test_nobody_is_told_twice_of_the_same(world: InMemory) -> None:
    world.told_of(WireProxy(), publish(), tenant="platform")
    before = world.told()
    world.reactor.forget()
    world.reactor.react()
    assert world.told() == before


def test_what_is_announced_is_told_when_its_time_has_come_and_to_its_scope(world: InMemory) -> None:
    at = world.clock.now() + 60_000_000
    assert world.told_of(ActivatePolicy("P1", "r", at, organization_id="lab")) == set()
    world.clock.forward(seconds=59)
    world.scheduler.run()
    assert world.reactor.react() == []
    world.clock.forward(seconds=1)
    world.scheduler.run()
    world.reactor.react()
    assert set(world.told()) == {"acme/workspace-labs"}
    assert world.told()["acme/workspace-labs"][0].after.policy == "P1"


def test_several_for_one_instant_are_told_once(world: InMemory) -> None:
    at = world.clock.now() + 60_000_000
    world.told_of(publish(at=at), ActivatePolicy("P1", "r", at), tenant="platform")
    world.told_of(ActivatePolicy("P5", "r", at, workspace_id="ws"))
    world.clock.forward(minutes=2)
    world.scheduler.run()
    world.reactor.react()
    assert {stream: len(events) for stream, events in world.told().items()} == dict.fromkeys(EVERYBODY, 1)


def test_pages_are_bounded(world: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving_modes, "RESOLVED_MAX", 2)
    world.accepted(*(RegisterWorkspace(f"ws-{n}") for n in range(7)))
    world.accepted(WireProxy(), tenant="platform")
    asked = [msgspec.json.decode(outcome.answer)["asked"] for outcome in world.reactor.react()]
    assert (max(asked), sum(asked)) == (2, 10)


MANY = [f"many-{n:02}" for n in range(12)]


@pytest.fixture
def many(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Streams of workspaces that are paid for by the platform while the proxy is wired, in several pages."""
    monkeypatch.setattr(resolving_modes, "RESOLVED_MAX", 3)
    for tenant in ("acme", "globex"):
        for workspace in MANY:
            assert ledger.send(RegisterWorkspace(workspace), tenant=tenant).outcome == "accepted"
    return [f"{tenant}/workspace-{workspace}" for tenant in ("acme", "globex") for workspace in MANY]


def resolved(owner: Connection[Any], streams: list[str]) -> list[list[str]]:
    """By stream, the modes that it was told."""
    return [
        [event.after.mode for event in events_of(owner, stream) if isinstance(event, BillingModeResolved)]
        for stream in streams
    ]


def test_everybody_is_told_of_a_proxy_on_postgres(ledger, many, start_reactor, owner):
    start_reactor()
    ledger.send(UnwireProxy(), tenant="platform")
    eventually(lambda: resolved(owner, many) == [["byok"]] * len(many))
    eventually(lambda: has_reacted_to_all(owner))
    assert resolved(owner, many) == [["byok"]] * len(many)


def test_a_page_that_was_done_before_it_died_is_not_done_again_and_the_others_are(
    ledger, many, start_reactor, owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reactor_module, "FAILED_PAUSE_S", 0.05)
    pages: list[ResolveBillingModes] = []
    ready, dies = Event(), Event()

    def resolve(command: ResolveBillingModes, decision: Any) -> Any:
        if ready.is_set() and len(pages) == 3 and not dies.is_set():
            dies.set()
            raise RuntimeError("killed between two pages")
        if ready.is_set():
            pages.append(command)
        return PROCESS_HANDLERS[ResolveBillingModes](command, decision)

    start_reactor(handlers={**PROCESS_HANDLERS, ResolveBillingModes: resolve})
    eventually(lambda: has_reacted_to_all(owner))
    ready.set()
    ledger.send(UnwireProxy(), tenant="platform")
    eventually(lambda: dies.is_set() and has_reacted_to_all(owner))
    assert resolved(owner, many) == [["byok"]] * len(many)
    asked = [workspace for page in pages for workspace in page.workspace_ids]
    assert set(asked) == {*MANY, "ws"}
    assert len(asked) > len(many) + 1  # the first pages were sent again, and told nobody anything


def test_two_reactors_at_once_tell_nobody_twice(ledger, many, start_reactor, owner):
    ledger.send(UnwireProxy(), tenant="platform")
    for _ in range(2):
        start_reactor(lease_s=0.01)  # it lapses at once, so both believe that they serve every shard
    eventually(lambda: has_reacted_to_all(owner))
    assert resolved(owner, many) == [["byok"]] * len(many)


def test_a_workspace_that_changes_meanwhile_is_judged_as_it_is_then(ledger, many, open_ledger, start_reactor, owner):
    """Its own command is decided between the fact and the reaction, and after the reaction was begun."""
    held, go_on = Event(), Event()

    def resolve(command: ResolveBillingModes, decision: Any) -> Any:
        if not held.is_set():
            held.set()
            go_on.wait()
        return PROCESS_HANDLERS[ResolveBillingModes](command, decision)

    ledger.send(UnwireProxy(), tenant="platform")
    ledger.send(ChangeBillingMode("many-00", "disabled", "before"), tenant="acme")
    start_reactor(handlers={**PROCESS_HANDLERS, ResolveBillingModes: resolve})
    held.wait()
    beside = Thread(target=open_ledger().send, args=(ChangeBillingMode("many-11", "disabled", "beside"),))
    beside.start()
    go_on.set()
    beside.join()
    eventually(lambda: has_reacted_to_all(owner))
    told = dict(zip(many, resolved(owner, many), strict=True))
    assert told["acme/workspace-many-00"] == []
    last = [event.after.mode for event in events_of(owner, "acme/workspace-many-11") if hasattr(event, "after")]
    assert last[-1] == "disabled"
    assert all(modes == ["byok"] for stream, modes in told.items() if not stream.startswith("acme/workspace-many-"))


def test_a_workspace_that_cannot_be_read_keeps_no_other_from_being_told(ledger, many, start_reactor, owner):
    first = start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    first.stop()
    poisoned = many.pop(5)
    owner.execute("UPDATE ledger.events SET body = 'poison' WHERE stream_id = %s", (poisoned,))
    start_reactor()
    ledger.send(UnwireProxy(), tenant="platform")
    eventually(lambda: has_reacted_to_all(owner))
    assert resolved(owner, many) == [["byok"]] * len(many)


def test_a_registration_that_does_not_know_the_fact_is_waited_for(ledger, many, open_ledger, start_reactor, owner):
    """It would be on the first page, which was found by the time that any page waits for its shard's lock."""
    blocked = _Blocked()
    ignorant = open_ledger(blocked)
    blocked.let_go.set()
    ignorant.send(RegisterWorkspace("before"))
    start_reactor()
    eventually(lambda: has_reacted_to_all(owner))
    blocked.asked.clear()
    blocked.let_go.clear()
    deciding = Thread(target=ignorant.send, args=(RegisterWorkspace("a-newcomer"),))
    deciding.start()
    blocked.asked.wait()
    ledger.send(UnwireProxy(), tenant="platform")
    query = "SELECT FROM pg_stat_activity WHERE usename = 'ledger_reactor' AND wait_event_type = 'Lock'"
    eventually(lambda: owner.execute(query).fetchone() is not None)
    blocked.let_go.set()
    deciding.join()
    eventually(lambda: has_reacted_to_all(owner))
    assert resolved(owner, [*many, "acme/workspace-a-newcomer"]) == [["byok"]] * (len(many) + 1)


class _Blocked(VirtualClock):
    """Asked for the time, it lets its appender wait, the lock in its hands."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let_go = Event(), Event()

    def now(self) -> int:
        self.asked.set()
        self.let_go.wait()
        return super().now()
