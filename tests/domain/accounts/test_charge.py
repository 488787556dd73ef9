"""What a charge takes by kind of account, and its entry against revenue (A1, A2, C4)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.charged import usage_charged, usage_charged_by
from domain.accounts.conftest import STREAM
from domain.given import Fact, Given
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.money import MAX_NANO
from usage_ledger.refusals import Refusal

USD = 1_000_000_000


def opened(**fields: Any) -> OpenAccount:
    return OpenAccount(**{"account_id": "main", "owner_kind": "org", "currency": "USD"} | fields)


def bought(amount: str) -> RecordPurchase:
    return RecordPurchase(account_id="main", amount=amount, payment_ref=f"card/{amount}")


@pytest.mark.rule("C4")
def test_usage_moves_customer_credits_to_revenue(given: Given, account: Account) -> None:
    given(opened(), bought("10.00"))
    usage = usage_charged(account, 3 * USD)
    (entry,) = usage.entries
    assert entry.lines == (JournalLine(2000, "debit", 3 * USD, "lot-2"), JournalLine(4010, "credit", 3 * USD))
    given(Fact(STREAM, usage))
    assert (account.balance, account.overdraft, usage.balance_after) == (7 * USD, 0, 7 * USD)


@pytest.mark.rule("C3")
def test_granted_credit_burns_before_purchased_credit(given: Given, account: Account) -> None:
    given(opened(), bought("70.00"), GrantCredits("main", "30.00", "admin", "gift"))
    given(Fact(STREAM, usage_charged(account, 50 * USD)))
    assert [(lot.kind, lot.remaining) for lot in account.lots] == [("purchase", 50 * USD)]


@pytest.mark.rule("C3")
def test_the_lower_priority_number_burns_first(given: Given, account: Account) -> None:
    given(opened())
    for priority in (2, 1):
        given(GrantCredits("main", "100.00", "promo", "gift", priority=priority))
    given(Fact(STREAM, usage_charged(account, 120 * USD)))
    assert [(lot.priority, lot.remaining) for lot in account.lots] == [(2, 80 * USD)]


@pytest.mark.rule("A2")
def test_the_shortfall_of_a_prepaid_account_is_overdraft(given: Given, account: Account) -> None:
    given(opened(), bought("1.00"))
    usage = usage_charged(account, USD, 500_000_000)
    assert usage.entries[0].lines == (
        JournalLine(1300, "debit", 500_000_000),
        JournalLine(2000, "debit", USD, "lot-2"),
        JournalLine(4010, "credit", 1_500_000_000),
    )
    given(Fact(STREAM, usage))
    assert (account.balance, account.overdraft, account.lots) == (-500_000_000, 500_000_000, [])
    assert usage.balance_after == -500_000_000


@pytest.mark.rule("A2")
def test_the_shortfall_of_an_invoiced_account_is_unbilled_and_apart_from_the_balance(
    given: Given, account: Account
) -> None:
    given(opened(funding="invoiced"), bought("1.00"))
    usage = usage_charged(account, 3 * USD)
    given(Fact(STREAM, usage))
    assert (account.balance, account.overdraft, account.unbilled) == (0, 0, 2 * USD)
    assert usage.balance_after == 0


@pytest.mark.rule("A1")
def test_a_platform_service_account_is_charged_to_the_platforms_own_expense(given: Given, account: Account) -> None:
    given(opened(owner_kind="platform_service", tier="demo"))
    usage = usage_charged_by(account, [USD, USD], {"chat": USD, "image": USD})
    assert usage.allocations == ()
    assert usage.entries[0].lines == (JournalLine(4900, "credit", 2 * USD), JournalLine(5200, "debit", 2 * USD))
    given(Fact(STREAM, usage))
    assert (account.balance, usage.balance_after) == (0, 0)


@pytest.mark.rule("A6")
def test_revenue_is_told_apart_by_capability(given: Given, account: Account) -> None:
    given(opened())
    earned = {"chat": 1, "embeddings": 2, "image": 3, "audio": 4, "rerank": 5, "moderation": 6}
    (entry,) = usage_charged_by(account, list(earned.values()), earned).entries
    revenue = {line.code: line.amount for line in entry.lines if line.side == "credit"}
    assert revenue == {4010: 1, 4011: 2, 4012: 3, 4013: 4, 4019: 11}


@pytest.mark.rule("U12")
def test_reported_cost_of_unpriced_usage_stands_in_suspense(given: Given, account: Account) -> None:
    given(opened(), bought("1.00"))
    usage = usage_charged(account, 0, suspense=7)
    (entry,) = usage.entries
    assert (entry.type, entry.lines) == (
        "suspense_opened",
        (JournalLine(1900, "debit", 7), JournalLine(2900, "credit", 7)),
    )
    assert (usage.allocations, usage.balance_after) == ((), USD)


@pytest.mark.rule("C4")
def test_usage_without_charge_has_no_entry(given: Given, account: Account) -> None:
    given(opened())
    assert usage_charged(account, 0, 0).entries == ()


@pytest.mark.rule("M2")
def test_a_code_balance_beyond_64_bits_is_refused(given: Given, account: Account) -> None:
    given(opened())
    given(Fact(STREAM, usage_charged(account, MAX_NANO)))
    with pytest.raises(Refusal) as refusal:
        usage_charged(account, 1)
    assert refusal.value.code == "amount_out_of_range"


@pytest.mark.rule("M2")
def test_lines_of_one_code_count_together(given: Given, account: Account) -> None:
    given(opened())
    lines = [JournalLine(1000, "debit", MAX_NANO), JournalLine(1000, "debit", 1)]
    lines += [JournalLine(3000, "credit", MAX_NANO), JournalLine(4040, "credit", 1)]
    with pytest.raises(Refusal) as refusal:
        account.entry("manual", lines)
    assert refusal.value.code == "amount_out_of_range"
