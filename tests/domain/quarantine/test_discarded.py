"""An item is given up by name, with a reason: it leaves the quarantine, and what waited keeps its id (U5)."""

from __future__ import annotations

import pytest

from domain.quarantine.books import QUARANTINE, charges, holder_of, money_events
from domain.rehearsal import Rehearsal, answer_of
from domain.usage.metered_ledger import record
from reacting.in_memory import ReactorInMemory
from usage_ledger.submission import Outcome
from usage_ledger.usage.commands import AssignPayer, DiscardQuarantined
from usage_ledger.usage.events import QuarantinedDiscarded
from usage_ledger.workspaces.commands import RegisterWorkspace

WAITING = {"workspace_id": "new"}
REJECTED = {"usage": {"furlongs": 7}}


def discard(ledger: Rehearsal, item: str = "a1", source: str = "gw", reason: str = "a test") -> Outcome:
    return ledger.when(DiscardQuarantined(item, source, reason))


def test_a_waiting_item_is_given_up_and_its_id_stays_taken(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    at = ledger.now
    record(ledger, WAITING | {"occurred_at": at})
    assert answer_of(discard(ledger)) == {"item": "a1", "source": "gw", "disposition": "waiting"}
    assert ledger.events(QUARANTINE)[-1] == QuarantinedDiscarded("a1", "gw", "new", "waiting", "a test")
    assert isinstance(holder_of(ledger, "a1"), QuarantinedDiscarded)
    ledger.given(RegisterWorkspace("new", account_id="acc"))
    reactor.react()
    assert money_events(ledger) == []
    assert record(ledger, WAITING | {"occurred_at": at})[0]["status"] == "duplicate"


def test_a_rejected_item_is_given_up_and_may_still_be_sent_again(ledger: Rehearsal) -> None:
    record(ledger, REJECTED)
    assert answer_of(discard(ledger))["disposition"] == "rejected"
    assert ledger.store.quarantined == {}
    assert record(ledger, {})[0]["status"] == "accepted"


def test_of_an_id_that_was_rejected_and_then_waits_the_waiting_item_goes_first(ledger: Rehearsal) -> None:
    record(ledger, REJECTED)
    record(ledger, WAITING)
    assert [answer_of(discard(ledger))["disposition"] for _ in range(2)] == ["waiting", "rejected"]
    assert discard(ledger).code == "already_decided"


def test_a_rejected_item_beside_a_booked_one_is_given_up_alone(ledger: Rehearsal) -> None:
    record(ledger, {})
    record(ledger, REJECTED)
    assert answer_of(discard(ledger))["disposition"] == "rejected"
    assert charges(ledger)["a1"] > 0
    assert not isinstance(holder_of(ledger, "a1"), QuarantinedDiscarded)


@pytest.mark.parametrize(
    ("item", "source", "reason", "code"),
    [
        ("a1", "gw", " ", "missing_reason"),
        ("a2", "gw", "a test", "attempt_not_found"),
        ("a1", "other", "a test", "attempt_not_found"),
        ("booked", "gw", "a test", "already_decided"),
    ],
)
def test_what_cannot_be_given_up_is_refused(ledger: Rehearsal, item: str, source: str, reason: str, code: str) -> None:
    record(ledger, WAITING, {"id": "booked"})
    outcome = discard(ledger, item, source, reason)
    assert (outcome.outcome, outcome.code) == ("refused", code)


def test_it_is_given_up_once_and_cannot_be_booked_any_more(ledger: Rehearsal) -> None:
    record(ledger, WAITING)
    discard(ledger)
    assert discard(ledger).code == "already_decided"
    assert ledger.when(AssignPayer("a1", "gw", "acc", "late")).code == "already_decided"


def test_an_item_rejected_again_after_it_was_given_up_is_kept_again(ledger: Rehearsal) -> None:
    record(ledger, REJECTED)
    discard(ledger)
    record(ledger, REJECTED)
    assert answer_of(discard(ledger))["disposition"] == "rejected"
