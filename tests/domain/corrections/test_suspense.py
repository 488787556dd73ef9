"""A line without a price waits as it was corrected, and is rated so when a price arrives (U12, U16)."""

from __future__ import annotations

import pytest

from domain.corrections.corrected import NANO, corrected, corrections
from domain.quarantine.books import balances, holder_of, rated
from domain.rehearsal import START, Rehearsal
from domain.usage.metered_ledger import price, record
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.events import SuspendedUsageRated
from usage_ledger.pricing.commands import WithdrawPrice

COST = {"amount": "0.80", "currency": "USD"}


@pytest.fixture
def reactor(ledger: Rehearsal) -> ReactorInMemory:
    return ReactorInMemory(ledger.store, ledger.clock)


@pytest.mark.rule("U12")
def test_a_corrected_line_is_rated_when_its_price_arrives(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, {"id": "a1", "model": "acme/new", "reported_cost": COST})
    corrected(ledger, usage={"input_tokens": 2_000_000})
    ledger.given(price("acme/new", "new-1", {"input": "1"}, effective_from=START), tenant="platform")
    reactor.react()
    (event,) = rated(ledger)
    assert (event.charged, event.before[0].suspense) == (2 * NANO, 8 * 10**8)
    assert (balances(ledger)[1900], ledger.store.suspended) == (0, {})
    assert isinstance(holder_of(ledger, "a1"), SuspendedUsageRated)


@pytest.mark.rule("U16")
def test_a_line_that_was_rated_late_is_corrected_from_there(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, {"id": "a1", "model": "acme/new"})
    ledger.given(price("acme/new", "new-1", {"input": "1"}, effective_from=START), tenant="platform")
    reactor.react()
    assert corrected(ledger, usage={"input_tokens": 3_000_000})["delta"] == "2.00"
    assert corrected(ledger, void=True)["delta"] == "-3.00"


@pytest.mark.rule("U12")
def test_a_line_whose_price_is_gone_waits_for_another(ledger: Rehearsal, reactor: ReactorInMemory) -> None:
    record(ledger, {"id": "a1", "reported_cost": COST})
    ledger.given(WithdrawPrice("small-1", "wrong"), tenant="platform")
    answer = corrected(ledger, usage={"input_tokens": 1_000_000}, knowledge="current")
    assert (answer["delta"], answer["line_status"], answer["reason"]) == ("-1.00", "unpriced", "no_price")
    assert (balances(ledger)[1900], len(ledger.store.suspended)) == (8 * 10**8, 1)
    ledger.given(price("acme/small", "small-2", {"input": "4"}, effective_from=START), tenant="platform")
    reactor.react()
    assert (rated(ledger)[0].charged, balances(ledger)[1900]) == (4 * NANO, 0)
    assert len(corrections(ledger)) == 1
