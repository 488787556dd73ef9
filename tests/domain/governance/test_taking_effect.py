"""The time of what was announced becomes a fact of its own: once, late, twice, or in two places."""

from __future__ import annotations

import pytest

from domain.governance.registries import publish
from domain.rehearsal import DAY, Rehearsal
from scheduling.in_memory import SchedulerInMemory
from usage_ledger.governance.commands import ActivatePolicy
from usage_ledger.governance.events import GovernanceTookEffect
from usage_ledger.workspaces.commands import RegisterWorkspace

STREAM = "platform/governance"


@pytest.fixture
def ledger() -> Rehearsal:
    return Rehearsal()


def scheduler(ledger: Rehearsal) -> SchedulerInMemory:
    return SchedulerInMemory(ledger.store, ledger.clock)


def effects(ledger: Rehearsal) -> list[int]:
    return [event.effective_from for event in ledger.events(STREAM) if isinstance(event, GovernanceTookEffect)]


def test_nothing_happens_before_its_time(ledger: Rehearsal) -> None:
    at = ledger.now + DAY
    ledger.given(publish(at=at), tenant="platform")
    ledger.wait(at - ledger.now - 1)
    scheduler(ledger).run()
    assert effects(ledger) == []
    ledger.wait(1)
    scheduler(ledger).run()
    assert effects(ledger) == [at]


def test_what_holds_at_once_needs_no_time_of_its_own(ledger: Rehearsal) -> None:
    ledger.given(publish(), ActivatePolicy("P5", "r"), tenant="platform")
    ledger.wait(DAY)
    scheduler(ledger).run()
    assert (effects(ledger), ledger.store.due) == ([], {})


def test_it_is_said_when_it_happened_and_by_the_clock_however_late(ledger: Rehearsal) -> None:
    at = ledger.now + DAY
    ledger.given(RegisterWorkspace("ws"))
    ledger.given(ActivatePolicy("P5", "r", at, workspace_id="ws"))
    ledger.wait(30 * DAY)
    scheduler(ledger).run()
    envelope, _ = ledger.recorded(STREAM)[-1]
    assert (envelope.occurred_at, envelope.tenant, envelope.actor.id) == (at, "platform", "clock")
    assert envelope.command_id == f"governance-effect/{at}"


def test_facts_for_one_instant_take_effect_together_and_others_each_at_its_own(ledger: Rehearsal) -> None:
    first, second = ledger.now + DAY, ledger.now + 2 * DAY
    ledger.given(
        publish("later", at=second),
        ActivatePolicy("P5", "r", first),
        ActivatePolicy("P6", "r", second),
        tenant="platform",
    )
    ledger.wait(3 * DAY)
    scheduler(ledger).run()
    assert effects(ledger) == [first, second]
    assert ledger.store.due == {}


def test_two_schedulers_that_both_found_it_say_it_once(ledger: Rehearsal) -> None:
    ledger.given(publish(at=ledger.now + DAY), tenant="platform")
    ledger.wait(2 * DAY)
    schedulers = [scheduler(ledger), scheduler(ledger)]
    found = [each.look() for each in schedulers]
    for each, due in zip(schedulers, found, strict=True):
        each.do(due)
    assert len(effects(ledger)) == 1


def test_very_many_instants_are_taken_in_bounded_parts(ledger: Rehearsal) -> None:
    began = ledger.now
    ledger.given_together(
        *(ActivatePolicy("P5" if n % 2 else "P4", "r", began + DAY + n) for n in range(150)), tenant="platform"
    )
    ledger.wait(2 * DAY)
    scheduler(ledger).run()
    assert len(effects(ledger)) == 100
    scheduler(ledger).run()
    assert effects(ledger) == [began + DAY + n for n in range(150)]
