"""An operator names who pays for an item that waits: booked at once, as of its own time, by name and with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from domain.quarantine.books import NANO, QUARANTINE, charges, holder_of, lines_now, money_events
from domain.rehearsal import DAY, SECOND, Rehearsal, answer_of
from domain.usage.items import attempt
from domain.usage.metered_ledger import price, record, send
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import UsageRecorded
from usage_ledger.deployment.commands import UnwireProxy, WireProxy
from usage_ledger.submission import Outcome
from usage_ledger.usage.commands import AssignPayer, DiscardQuarantined, RecordUsage
from usage_ledger.usage.events import PayerAssigned
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace

UNPAID = {"workspace_id": "unpaid"}
UNKNOWN = {"workspace_id": "unknown"}


@pytest.fixture
def ledger(ledger: Rehearsal) -> Rehearsal:
    ledger.given(RegisterWorkspace("unpaid"))
    return ledger


def assign(ledger: Rehearsal, **fields: Any) -> Outcome:
    usual = {"item": "a1", "source": "gw", "account_id": "acc", "reason": "agreed"}
    return ledger.when(AssignPayer(**(usual | fields)))


def test_an_item_without_a_pin_is_charged_to_the_account(ledger: Rehearsal) -> None:
    record(ledger, UNPAID)
    assert answer_of(assign(ledger)) == {
        "id": "a1",
        "status": "accepted",
        "charged": "1.00",
        "account_id": "acc",
        "payer_reason": "assigned",
        "mode": "platform_managed",
        "mode_source": "derived_default",
        "line_status": "charged",
    }
    assert charges(ledger) == {"a1": NANO}
    assert ledger.store.quarantined == {}
    assert isinstance(holder_of(ledger, "a1"), UsageRecorded)


def test_who_assigned_it_and_why_is_a_fact_of_its_own(ledger: Rehearsal) -> None:
    record(ledger, UNPAID)
    assign(ledger, reason=" agreed with the customer ")
    envelope, assigned = ledger.recorded(QUARANTINE)[-1]
    assert assigned == PayerAssigned("a1", "gw", "unpaid", "acc", "agreed with the customer")
    assert (envelope.actor.kind, envelope.actor.id) == ("service_key", "key")


def test_a_new_pin_books_nothing_by_itself(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, UNPAID)
    ledger.given(RegisterWorkspace("other", account_id="acc"))
    reactor.react()
    assert charges(ledger) == {}


def test_usage_that_is_older_than_its_workspace_can_only_be_assigned(
    ledger: Rehearsal, reactor: ReactorInMemory
) -> None:
    ledger.wait(DAY)
    record(ledger, UNKNOWN | {"occurred_at": ledger.now - DAY // 2})
    ledger.given(RegisterWorkspace("unknown", account_id="acc"))
    reactor.react()
    assert charges(ledger) == {}
    assert answer_of(assign(ledger))["mode_source"] == "assigned"
    assert charges(ledger) == {"a1": NANO}


def test_usage_of_a_run_that_nobody_decided_can_be_assigned(ledger: Rehearsal) -> None:
    record(ledger, {"run_id": "r1"})
    assert answer_of(assign(ledger))["mode_source"] == "assigned"
    assert charges(ledger) == {"a1": NANO}


def test_it_is_rated_as_of_its_own_time(ledger: Rehearsal) -> None:
    record(ledger, UNPAID)
    ledger.given(price("acme/small", "small-2", {"input": "9"}), tenant="platform")
    assert answer_of(assign(ledger))["charged"] == "1.00"


def test_without_a_price_it_goes_to_suspense(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, UNPAID | {"model": "acme/new"})
    assert answer_of(assign(ledger))["line_status"] == "unpriced"
    ledger.given(price("acme/new", "new-1", {"input": "2"}, effective_from=0), tenant="platform")
    reactor.react()
    assert charges(ledger) == {"a1": 2 * NANO}


def test_the_line_names_its_gateway_not_the_operators_console(ledger: Rehearsal) -> None:
    record(ledger, UNPAID)
    ledger.when(AssignPayer("a1", "gw", "acc", "agreed"), source="console")
    detail = lines_now(ledger)["a1"].detail
    assert detail is not None
    assert detail.source == "gw"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "missing_reason"),
        ({"reason": ""}, "missing_reason"),
        ({"account_id": "nobody"}, "account_not_found"),
        ({"item": "a2"}, "attempt_not_found"),
        ({"source": "other"}, "attempt_not_found"),
    ],
)
def test_what_cannot_be_assigned_is_refused(ledger: Rehearsal, fields: dict[str, Any], code: str) -> None:
    record(ledger, UNPAID)
    outcome = assign(ledger, **fields)
    assert (outcome.outcome, outcome.code) == ("refused", code)
    assert charges(ledger) == {}


def test_an_item_of_another_tenant_is_not_found(ledger: Rehearsal) -> None:
    record(ledger, UNPAID)
    ledger.given(OpenAccount("acc", "org", "USD"), tenant="t2")
    outcome = ledger.when(AssignPayer("a1", "gw", "acc", "agreed"), tenant="t2")
    assert outcome.code == "attempt_not_found"


def test_it_is_assigned_once(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("other", "org", "USD"))
    record(ledger, UNPAID)
    assign(ledger)
    again = assign(ledger, account_id="other")
    assert (again.outcome, again.code) == ("refused", "already_decided")
    assert money_events(ledger, "t1/account-other") == []


def test_what_was_booked_or_discarded_is_decided_already(ledger: Rehearsal) -> None:
    record(ledger, {"id": "booked"})
    record(ledger, UNPAID | {"id": "discarded"})
    ledger.given(DiscardQuarantined("discarded", "gw", "a test"))
    assert [assign(ledger, item=name).code for name in ("booked", "discarded")] == ["already_decided"] * 2


def test_a_rejected_item_does_not_wait(ledger: Rehearsal) -> None:
    record(ledger, {"usage": {"furlongs": 7}})
    assert assign(ledger).code == "attempt_not_found"


def test_a_disabled_workspace_has_no_payer(ledger: Rehearsal) -> None:
    record(ledger, UNKNOWN | {"occurred_at": ledger.now + 100 * SECOND})
    ledger.given(RegisterWorkspace("unknown"), ChangeBillingMode("unknown", "disabled", "stop"))
    assert assign(ledger).code == "mode_disabled"


def test_nobody_has_to_pay_for_a_workspace_with_its_own_keys(ledger: Rehearsal) -> None:
    ledger.given(UnwireProxy(), tenant="platform")
    record(ledger, UNKNOWN)
    ledger.given(RegisterWorkspace("unknown"))
    ledger.given(WireProxy(), tenant="platform")
    assert assign(ledger).code == "payer_not_required"


def test_an_amount_beyond_64_bits_is_refused_and_the_item_goes_on_waiting(ledger: Rehearsal) -> None:
    ledger.given(price("acme/dear", "dear-1", {"input": "1000000"}), tenant="platform")
    record(ledger, UNPAID | {"model": "acme/dear", "usage": {"input_tokens": 2**62}})
    assert assign(ledger).code == "amount_out_of_range"
    assert len(ledger.store.quarantined) == 1


def test_usage_that_is_assigned_in_the_group_that_quarantined_it_is_found(ledger: Rehearsal) -> None:
    used = RecordUsage((attempt(**UNPAID, occurred_at=ledger.now),))
    ledger.given_together(used, AssignPayer("a1", "gw", "acc", "agreed"))
    assert charges(ledger) == {"a1": NANO}
    assert ledger.store.quarantined == {}
    assert send(ledger, UNPAID).outcome == "duplicate"
