"""A correction books the difference as one compensating entry, on the latest state of the line (U16)."""

from __future__ import annotations

import pytest

from domain.corrections.corrected import NANO, account, corrected, corrections, lots
from domain.quarantine.books import balances, holder_of
from domain.rehearsal import DAY, SECOND, Rehearsal
from domain.usage.metered_ledger import METERED, lines, price, record, usage_events
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.corrections.events import UsageCorrected
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.holds.commands import PlaceHold
from usage_ledger.workspaces.commands import ChangeBillingMode, RegisterWorkspace


@pytest.mark.rule("U16")
def test_less_is_given_back_to_the_lot_it_came_from(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "usage": {"input_tokens": 3_000_000}})
    answer = corrected(ledger, usage={"input_tokens": 1_000_000})
    assert (answer["delta"], answer["charged"], answer["currency"]) == ("-2.00", "1.00", "USD")
    (event,) = corrections(ledger)
    (entry,) = event.entries
    assert (entry.type, event.delta, event.balance_after) == ("correction", -2 * NANO, 9 * NANO)
    assert event.restored == (LotAmount("lot-2", 2 * NANO),)
    assert event.corrections[0].parts == (LotAmount("lot-2", NANO),)
    assert lots(ledger) == {"lot-2": 9 * NANO}
    assert balances(ledger)[4010] == -NANO


@pytest.mark.rule("U16")
def test_more_is_a_charge_like_any_other(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "usage": {"input_tokens": 9_000_000}})
    answer = corrected(ledger, usage={"input_tokens": 11_500_000})
    assert (answer["delta"], answer["charged"]) == ("2.50", "11.50")
    (event,) = corrections(ledger)
    assert event.drawn == (LotAmount("lot-2", NANO), LotAmount(None, 3 * NANO // 2))
    assert account(ledger).balance == -3 * NANO // 2
    assert balances(ledger)[4010] == -23 * NANO // 2


@pytest.mark.rule("U16")
def test_corrections_chain_and_a_void_brings_everything_back(ledger: Rehearsal) -> None:
    ledger.given(GrantCredits("acc", "1.00", "promo", "r", reference="g"))
    before = lots(ledger)
    record(ledger, {"id": "a1", "usage": {"input_tokens": 500_000}})
    for tokens in (4_000_000, 700_000, 12_000_000, 10_500_000):
        corrected(ledger, usage={"input_tokens": tokens})
        assert account(ledger).balance == 11 * NANO - tokens * 1_000
    answer = corrected(ledger, void=True, reason="never happened")
    assert (answer["delta"], answer["charged"], answer["void"]) == ("-10.50", "0.00", True)
    assert lots(ledger) == before
    assert balances(ledger)[4010] == 0
    assert account(ledger).overdraft == 0


@pytest.mark.rule("C12")
def test_a_part_that_was_debt_and_is_paid_meanwhile_becomes_a_lot(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "usage": {"input_tokens": 13_000_000}})
    ledger.given(RecordPurchase("acc", "3.00", "card/p2"))
    corrected(ledger, usage={"input_tokens": 11_000_000})
    (event,) = corrections(ledger)
    assert (event.lot, event.lot_amount, event.debt_settled) == ("lot-6", 2 * NANO, 0)
    assert lots(ledger) == {"lot-6": 2 * NANO}
    assert account(ledger).lots[0].kind == "adjustment"


@pytest.mark.rule("C7")
def test_what_is_given_back_does_not_free_expired_credit_that_a_hold_keeps(ledger: Rehearsal) -> None:
    expires_at = ledger.now + 3_600 * SECOND
    ledger.given(GrantCredits("acc", "2.00", "promo", "r", reference="g", priority=99, expires_at=expires_at))
    record(ledger, {"id": "a1", "usage": {"input_tokens": 1_000_000}})
    ledger.given(PlaceHold("acc", "h1", "ws", "11.00", expires_in_s=86_400))
    ledger.wait(DAY // 2)
    corrected(ledger, void=True)
    assert lots(ledger) == {"lot-2": 10 * NANO, "lot-3": 2 * NANO}
    assert account(ledger).next_due > ledger.now


def test_the_correction_holds_the_attempt_and_says_what_it_was(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a0"}, {"id": "a1", "request_id": "r1"})
    (was,) = [line for line in lines(ledger) if line.attempt_id == "a1"]
    corrected(ledger, usage={"input_tokens": 5, "images": 0, "reasoning_tokens": 0})
    event = holder_of(ledger, "a1")
    assert isinstance(event, UsageCorrected)
    assert (event.before[0].input, event.before[0].charged) == (was.input, was.charged)
    assert event.lines[0].detail is not None
    assert event.lines[0].detail.request_id == "r1"
    assert holder_of(ledger, "a0") == usage_events(ledger)[0]


@pytest.mark.rule("U16")
def test_it_is_rated_by_the_prices_that_were_known_unless_told_otherwise(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"}, {"id": "a2"})
    occurred = lines(ledger)[0].occurred_at
    ledger.given(price("acme/small", "small-2", {"input": "3"}, effective_from=occurred), tenant="platform")
    assert corrected(ledger, "a1", usage={"input_tokens": 2_000_000})["charged"] == "2.00"
    assert corrected(ledger, "a2", usage={"input_tokens": 2_000_000}, knowledge="current")["charged"] == "6.00"
    (first, second) = corrections(ledger)
    assert [event.prices[event.lines[0].price].charge.version for event in (first, second)] == [  # pyright: ignore[reportOptionalMemberAccess]
        "small-1",
        "small-2",
    ]


def test_original_knowledge_is_that_of_the_latest_rating(ledger: Rehearsal) -> None:
    """A price that was wrong and was put right by a correction does not come back with the next one."""
    record(ledger, {"id": "a1"})
    occurred = lines(ledger)[0].occurred_at
    ledger.given(price("acme/small", "small-2", {"input": "3"}, effective_from=occurred), tenant="platform")
    corrected(ledger, usage={"input_tokens": 1_000_000}, knowledge="current")
    assert corrected(ledger, usage={"input_tokens": 2_000_000})["charged"] == "6.00"


def test_a_reported_cost_is_corrected_and_the_counts_stay(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "model": "unknown", "reported_cost": {"amount": "0.80", "currency": "USD"}})
    assert balances(ledger)[1900] == 8 * 10**8
    answer = corrected(ledger, reported_cost={"amount": "0.30", "currency": "USD"})
    assert (answer["line_status"], answer["provider_cost"]) == ("unpriced", "0.30")
    assert balances(ledger)[1900] == 3 * 10**8
    assert balances(ledger)[2900] == -3 * 10**8
    (event,) = corrections(ledger)
    assert event.lines[0].input == 1_000_000


@pytest.mark.rule("U12")
def test_a_voided_line_leaves_suspense(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "model": "unknown", "reported_cost": {"amount": "0.80", "currency": "USD"}})
    assert len(ledger.store.suspended) == 1
    corrected(ledger, void=True)
    assert balances(ledger)[1900] == 0
    assert ledger.store.suspended == {}


@pytest.mark.rule("U13")
def test_estimated_counts_of_an_aborted_stream_are_replaced(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1", "status": "partial", "quality": "estimated"})
    raw = {"input_tokens": 1_200_000, "output_tokens": 10}
    answer = corrected(ledger, raw_usage=raw, api_flavor="anthropic")
    assert answer["charged"] == "1.20002"
    (event,) = corrections(ledger)
    detail = event.lines[0].detail
    assert detail is not None
    assert detail.report is not None
    assert (detail.status, detail.report.quality, detail.report.api_flavor) == ("partial", "reported", "anthropic")
    assert detail.report.raw_usage == '{"input_tokens":1200000,"output_tokens":10}'


def test_usage_that_nobody_pays_for_is_corrected_too(ledger: Rehearsal) -> None:
    ledger.given(ChangeBillingMode("ws", "byok", "their own key"))
    record(ledger, {"id": "a1"})
    answer = corrected(ledger, usage={"input_tokens": 7})
    assert (answer["delta"], answer["account_id"], answer["line_status"]) == ("0.00", None, "zero_rated")
    (event,) = corrections(ledger, METERED)
    assert (event.lines[0].input, event.before[0].input, event.entries) == (7, 1_000_000, ())


def test_an_invoiced_account_owes_less(ledger: Rehearsal) -> None:
    ledger.given(OpenAccount("later", "org", "USD", funding="invoiced"), RegisterWorkspace("inv", account_id="later"))
    record(ledger, {"id": "a1", "workspace_id": "inv", "usage": {"input_tokens": 5_000_000}})
    corrected(ledger, usage={"input_tokens": 2_000_000})
    assert account(ledger, "t1/account-later").unbilled == 2 * NANO


@pytest.mark.rule("A1")
def test_a_platforms_own_usage_is_an_expense_less(ledger: Rehearsal) -> None:
    ledger.given(
        OpenAccount("ours", "platform_service", "USD", tier="internal"), RegisterWorkspace("own", account_id="ours")
    )
    record(ledger, {"id": "a1", "workspace_id": "own", "usage": {"input_tokens": 5_000_000}})
    corrected(ledger, usage={"input_tokens": 2_000_000})
    found = balances(ledger, "t1/account-ours")
    assert (found[5200], found[4900]) == (2 * NANO, -2 * NANO)
    corrected(ledger, usage={"input_tokens": 3_000_000})
    assert balances(ledger, "t1/account-ours")[5200] == 3 * NANO


def test_the_same_counts_change_nothing_but_are_on_record(ledger: Rehearsal) -> None:
    record(ledger, {"id": "a1"})
    assert corrected(ledger, usage={"input_tokens": 1_000_000})["delta"] == "0.00"
    (event,) = corrections(ledger)
    assert event.entries == ()
