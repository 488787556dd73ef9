"""Usage that came before its workspace did is booked when the workspace is registered, once (U5, U6)."""

from __future__ import annotations

import pytest

from domain.quarantine.books import NANO, QUARANTINE, charges, holder_of, judged, lines_now, money_events
from domain.rehearsal import DAY, SECOND, Rehearsal
from domain.usage.metered_ledger import price, record, send
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.events import UsageRecorded
from usage_ledger.deployment.commands import UnwireProxy
from usage_ledger.usage.commands import DiscardQuarantined, JudgeWaitingUsage
from usage_ledger.usage.events import JudgedItem, UsageQuarantined
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

NEW = {"workspace_id": "new"}


def register(ledger: Rehearsal, account_id: str | None = "acc") -> None:
    ledger.given(RegisterWorkspace("new", account_id=account_id))


def test_it_is_charged_to_the_account_that_the_registration_pins(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    (answer,) = record(ledger, NEW)
    assert answer["status"] == "quarantined"
    register(ledger)
    reactor.react()
    line = lines_now(ledger)["a1"]
    (event,) = money_events(ledger)
    assert (line.outcome, line.charged) == ("charged", NANO)
    assert (event.decisions[0].payer, event.decisions[0].payer_reason) == ("acc", "pinned")


def test_the_quarantine_says_where_it_was_booked_and_the_index_names_that_event(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW)
    assert isinstance(holder_of(ledger, "a1"), UsageQuarantined)
    register(ledger)
    reactor.react()
    position = next(iter(ledger.store.attempts.values())).position
    assert judged(ledger) == [JudgedItem("a1", "gw", "new", "booked", "acc", position, None)]
    assert isinstance(holder_of(ledger, "a1"), UsageRecorded)
    assert ledger.store.quarantined == {}


def test_the_line_names_its_gateway_not_the_reactor(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"id": "own"}, NEW | {"id": "named", "source": "edge"})
    register(ledger)
    reactor.react()
    sources = {name: line.detail.source for name, line in lines_now(ledger).items() if line.detail}
    assert sources == {"own": "gw", "named": "edge"}
    envelope, _ = ledger.recorded("t1/account-acc")[-1]
    assert (envelope.source, envelope.actor.kind) == ("reactor", "system")
    assert envelope.causation_id


def test_reacting_again_books_nothing_again(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW, NEW | {"id": "a2"})
    register(ledger)
    reactor.react()
    reactor.forget()
    reactor.react()
    assert charges(ledger) == {"a1": NANO, "a2": NANO}
    assert len(judged(ledger)) == 2


def test_what_another_command_names_again_is_not_booked_again(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    keys = tuple(ledger.store.attempts)
    register(ledger)
    reactor.react()
    (outcome,) = reactor.append(JudgeWaitingUsage(keys))
    assert (outcome.outcome, outcome.replayed) == ("accepted", False)
    assert charges(ledger) == {"a1": NANO}


def test_an_item_that_comes_twice_in_one_command_is_booked_once(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    keys = tuple(ledger.store.attempts)
    register(ledger)
    reactor.append(JudgeWaitingUsage(keys * 2), JudgeWaitingUsage(keys))
    assert charges(ledger) == {"a1": NANO}


def test_the_sender_who_repeats_it_is_told_that_it_is_known(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    at = ledger.now
    record(ledger, NEW | {"occurred_at": at})
    register(ledger)
    reactor.react()
    assert record(ledger, NEW | {"occurred_at": at}) == [{"id": "a1", "status": "duplicate"}]


@pytest.mark.parametrize(("age", "is_booked"), [(300 * SECOND, True), (300 * SECOND + 1, False)])
def test_usage_older_than_the_workspaces_first_fact_goes_on_waiting(
    ledger: Rehearsal, reactor: ReactorInMemory, age: int, is_booked: bool
) -> None:
    record(ledger, NEW | {"occurred_at": ledger.now + SECOND - age})
    register(ledger)
    reactor.react()
    assert bool(money_events(ledger)) == is_booked
    assert len(ledger.store.quarantined) == (not is_booked)
    assert bool(judged(ledger)) == is_booked, "nothing is noted of what did not change"


def test_it_was_in_time_when_it_was_received_however_late_its_workspace_is_judged(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW)
    register(ledger)
    ledger.wait(40 * DAY)
    reactor.react()
    assert charges(ledger) == {"a1": NANO}


def test_without_a_payer_it_waits_for_one(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    register(ledger, account_id=None)
    reactor.react()
    reactor.forget()
    reactor.react()
    assert judged(ledger) == [JudgedItem("a1", "gw", "new", "waiting", None, None, "no_pin")]
    assert [row.reason for row in ledger.store.quarantined.values()] == ["no_pin"]
    assert isinstance(holder_of(ledger, "a1"), UsageQuarantined)


def test_of_a_workspace_with_its_own_keys_it_is_metered(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    ledger.given(UnwireProxy(), tenant="platform")
    record(ledger, NEW)
    register(ledger)
    reactor.react()
    assert lines_now(ledger, "t1/metered-new")["a1"].outcome == "byok"
    assert [(item.outcome, item.account_id) for item in judged(ledger)] == [("booked", None)]


def test_of_a_disabled_workspace_it_stays_in_quarantine_with_its_id(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    at = ledger.now + 100 * SECOND
    record(ledger, NEW | {"occurred_at": at})
    register(ledger)
    ledger.given(ChangeBillingMode("new", "disabled", "stop"))
    reactor.react()
    assert [(item.outcome, item.reason) for item in judged(ledger)] == [("waiting", "mode_disabled")]
    assert record(ledger, NEW | {"occurred_at": at})[0]["status"] == "duplicate"


def test_of_a_run_it_waits_for_the_run(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW | {"run_id": "r1"})
    register(ledger)
    reactor.react()
    assert [(item.outcome, item.reason) for item in judged(ledger)] == [("waiting", "run_not_decided")]


def test_the_mode_is_that_of_its_own_time(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    register(ledger)
    ledger.given(ChangeBillingMode("new", "byok", "own key"))
    reactor.react()
    assert charges(ledger) == {"a1": NANO}


def test_what_was_discarded_meanwhile_is_left_alone(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW, NEW | {"id": "a2"})
    register(ledger)
    ledger.given(DiscardQuarantined("a1", "gw", "a test"))
    reactor.react()
    assert charges(ledger) == {"a2": NANO}


def test_without_a_price_it_goes_from_quarantine_to_suspense_to_a_charge(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    record(ledger, NEW | {"model": "acme/new"})
    register(ledger)
    reactor.react()
    assert lines_now(ledger)["a1"].outcome == "no_price"
    ledger.given(price("acme/new", "new-1", {"input": "3"}, effective_from=0), tenant="platform")
    reactor.react()
    assert charges(ledger) == {"a1": 3 * NANO}


def test_an_amount_beyond_64_bits_leaves_its_item_alone_in_quarantine(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    ledger.given(price("acme/dear", "dear-1", {"input": "1000000"}), tenant="platform")
    record(ledger, NEW | {"model": "acme/dear", "usage": {"input_tokens": 2**62}}, NEW | {"id": "a2"})
    register(ledger)
    reactor.react()
    assert charges(ledger) == {"a2": NANO}
    assert [(item.attempt_id, item.reason) for item in judged(ledger)] == [("a1", "amount_out_of_range"), ("a2", None)]


def test_more_than_a_batch_is_booked_in_several(
    ledger: Rehearsal, reactor: ReactorInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_ledger.reacting.reactions.BATCH_ATTEMPTS", 3)
    ids = [f"a{n}" for n in range(10)]
    send(ledger, *(NEW | {"id": name} for name in ids))
    register(ledger)
    reactor.react()
    assert charges(ledger) == dict.fromkeys(ids, NANO)
    assert len(money_events(ledger)) == 4
    assert len(ledger.events(QUARANTINE)) == 1 + 4


def test_workspaces_of_another_tenant_release_nothing(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, NEW)
    ledger.given(RegisterWorkspace("new"), tenant="t2")
    reactor.react()
    assert judged(ledger) == []
