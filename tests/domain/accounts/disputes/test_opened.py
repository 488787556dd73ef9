"""A dispute takes the payment back into clearing like a refund, and suspends the account (C13)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.lifecycle.events import AccountSuspended
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.accounts.refunds.commands import OpenDispute, RefundPurchase
from usage_ledger.accounts.refunds.events import DisputeOpened

pytestmark = pytest.mark.rule("C13")

USD = 1_000_000_000


def dispute(**fields: Any) -> OpenDispute:
    return OpenDispute(**{"account_id": "main", "dispute_id": "d1", "payment_ref": "card/p1"} | fields)


@pytest.fixture(autouse=True)
def _bought(given: Given) -> None:
    given(OpenAccount("main", "org", "USD"), RecordPurchase("main", "10.00", "card/p1"))


@pytest.mark.rule("L5")
def test_a_dispute_takes_the_whole_purchase_and_suspends_last(
    charge: Charge, when: When, then: Then, account: Account
) -> None:
    charge(4 * USD)
    when(dispute())
    opened, exhausted, suspended = then.recorded(DisputeOpened, CreditsExhausted, AccountSuspended)
    assert (opened.amount, opened.overdraft, exhausted.balance) == (10 * USD, 4 * USD, -4 * USD)
    assert opened.allocations == (LotAmount("lot-2", 6 * USD), LotAmount(None, 4 * USD))
    assert opened.entries[0].lines == (
        JournalLine(1010, "credit", 10 * USD),
        JournalLine(1300, "debit", 4 * USD),
        JournalLine(2000, "debit", 6 * USD, "lot-2"),
    )
    assert (suspended.reason, account.suspended_for) == ("dispute", ["dispute"])
    answer = then.accepted()
    assert (answer.dispute_id, answer.amount, answer.overdraft, answer.posted) == ("d1", "10.00", "4.00", "-4.00")


def test_it_may_be_about_a_part_and_takes_what_was_not_refunded_otherwise(given: Given, when: When, then: Then) -> None:
    given(RefundPurchase("main", "card/p1", "r1", "2.00", "asked"))
    when(dispute(amount="3.00"))
    assert then.recorded(DisputeOpened, AccountSuspended)[0].amount == 3 * USD
    when(dispute(dispute_id="d2"))
    assert then.recorded(DisputeOpened, CreditsExhausted)[0].amount == 5 * USD


@pytest.mark.rule("C11")
def test_what_is_disputed_cannot_be_refunded_as_well(given: Given, when: When, then: Then) -> None:
    given(dispute(amount="7.00"))
    when(RefundPurchase("main", "card/p1", "r1", "3.01", "asked"))
    facts = then.refused("refund_exceeds_purchase")
    assert (facts["disputed"], facts["refundable"]) == ("7.00", "3.00")


def test_nothing_is_left_to_dispute_of_what_went_back(given: Given, when: When, then: Then) -> None:
    given(RefundPurchase("main", "card/p1", "r1", "10.00", "asked"))
    when(dispute())
    then.refused("refund_exceeds_purchase")


@pytest.mark.parametrize("stated", [{}, {"amount": "3.00"}])
def test_the_same_dispute_again_is_a_duplicate(
    given: Given, when: When, then: Then, account: Account, stated: dict[str, str]
) -> None:
    given(dispute(**stated))
    before = account.balance
    when(dispute(**stated), source="webhook")
    assert then.duplicate()["dispute_id"] == "d1"
    assert account.balance == before


def test_the_same_id_for_another_dispute_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(dispute(amount="3.00"))
    when(dispute(amount="4.00"))
    then.refused("dispute_conflict")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        ({"payment_ref": "card/p9"}, "purchase_not_found"),
        pytest.param({"amount": "1.00", "currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        ({"amount": "10.01"}, "refund_exceeds_purchase"),
    ],
)
def test_a_dispute_is_refused(when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    when(dispute(**fields))
    then.refused(code)
