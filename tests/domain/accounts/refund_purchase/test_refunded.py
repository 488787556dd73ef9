"""A refund takes the purchase's own lot first, then the others, then credit that is not there (C11)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.accounts.refunds.commands import RefundPurchase
from usage_ledger.accounts.refunds.events import PurchaseRefunded

pytestmark = pytest.mark.rule("C11")

USD = 1_000_000_000


def refund(amount: str, **fields: Any) -> RefundPurchase:
    usual = {"account_id": "main", "payment_ref": "card/p1", "refund_id": "r1", "amount": amount, "reason": "asked"}
    return RefundPurchase(**usual | fields)


@pytest.fixture(autouse=True)
def _bought(given: Given) -> None:
    given(OpenAccount("main", "org", "USD"), RecordPurchase("main", "10.00", "card/p1"))


def test_a_refund_takes_the_purchases_lot_before_promotional_credit(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(GrantCredits("main", "1.00", "promo", "gift"))
    when(refund("2.00"))
    refunded = then.recorded(PurchaseRefunded)
    assert (refunded.amount, refunded.overdraft) == (2 * USD, 0)
    assert refunded.allocations == (LotAmount("lot-2", 2 * USD),)
    assert refunded.entries[0].lines == (
        JournalLine(1000, "credit", 2 * USD),
        JournalLine(2000, "debit", 2 * USD, "lot-2"),
    )
    assert refunded.balance_after == account.balance == 9 * USD


def test_then_it_takes_other_lots_and_then_overdraft_whatever_the_limit(
    given: Given, charge: Charge, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "1.00", "card/p2"), GrantCredits("main", "2.00", "promo", "gift"))
    charge(9 * USD)
    when(refund("7.00"))
    refunded, exhausted = then.recorded(PurchaseRefunded, CreditsExhausted)
    assert refunded.allocations == (
        LotAmount("lot-2", 3 * USD),
        LotAmount("lot-3", 1 * USD),
        LotAmount(None, 3 * USD),
    )
    assert (refunded.overdraft, exhausted.balance) == (3 * USD, -3 * USD)
    assert (account.balance, account.overdraft) == (-3 * USD, 3 * USD)


@pytest.mark.rule("A2")
def test_what_an_invoiced_account_has_not_left_is_unbilled(
    given: Given, when: When, then: Then, ledger: LedgerInMemory
) -> None:
    given(OpenAccount("late", "org", "USD", funding="invoiced"), RecordPurchase("late", "3.00", "card/p2"))
    given(ChargeFee("late", "other", "p1", "3.00"))
    when(refund("2.00", account_id="late", payment_ref="card/p2"))
    assert then.recorded(PurchaseRefunded).balance_after == 0
    assert ledger.get(Account, "acme/account-late").unbilled == 2 * USD


def test_the_answer_says_what_may_still_go_back(when: When, then: Then) -> None:
    when(refund("2.00"))
    answer = then.accepted()
    assert (answer.payment_ref, answer.refund_id, answer.amount) == ("card/p1", "r1", "2.00")
    assert (answer.overdraft, answer.refundable, answer.posted) == ("0.00", "8.00", "8.00")


def test_refunds_add_up_to_the_purchase_and_no_further(given: Given, when: When, then: Then) -> None:
    given(refund("6.00"), refund("4.00", refund_id="r2"))
    when(refund("0.000000001", refund_id="r3"))
    facts = then.refused("refund_exceeds_purchase")
    assert (facts["purchased"], facts["refunded"], facts["refundable"]) == ("10.00", "10.00", "0.00")


def test_the_same_refund_again_is_a_duplicate(given: Given, when: When, then: Then, account: Account) -> None:
    given(refund("6.00"))
    when(refund("6.0"), source="webhook")
    assert then.duplicate()["posted"] == "4.00"
    assert account.balance == 4 * USD


@pytest.mark.parametrize("other", [{"amount": "5.00"}, {"payment_ref": "card/p2"}, {"account_id": "other"}])
def test_the_same_id_for_another_refund_is_a_conflict(
    given: Given, when: When, then: Then, other: dict[str, Any]
) -> None:
    given(refund("6.00"), OpenAccount("other", "org", "USD"), RecordPurchase("main", "9.00", "card/p2"))
    when(refund(**{"amount": "6.00"} | other))
    then.refused("refund_conflict")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        ({"payment_ref": "card/p9"}, "purchase_not_found"),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        ({"amount": "10.01"}, "refund_exceeds_purchase"),
        ({"reason": " "}, "missing_reason"),
    ],
)
def test_a_refund_is_refused(when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    when(refund(**{"amount": "1.00"} | fields))
    then.refused(code)


def test_a_purchase_of_another_account_is_not_found(given: Given, when: When, then: Then) -> None:
    given(OpenAccount("other", "org", "USD"))
    when(refund("1.00", account_id="other"))
    then.refused("purchase_not_found")
