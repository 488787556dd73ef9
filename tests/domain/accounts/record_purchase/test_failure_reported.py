"""A failure that is reported after success changes nothing: a confirmed payment never regresses (C8)."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import ReportPaymentFailure
from usage_ledger.accounts.credits.events import PaymentFailureReported

pytestmark = pytest.mark.rule("C8")
PAID = RecordPurchase("main", "5.00", "card/1")
FAILED = ReportPaymentFailure("main", "card/1", "card declined")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    for account_id in ("main", "other"):
        given(OpenAccount(account_id=account_id, owner_kind="org", currency="USD"))


def test_after_success_it_is_ignored(given: Given, when: When, then: Then, account: Account) -> None:
    given(PAID)
    when(FAILED)
    assert then.recorded(PaymentFailureReported) == PaymentFailureReported("main", "card/1", True, "card declined")
    assert account.balance == 5 * 10**9


def test_before_success_it_is_noted_and_the_payment_may_still_succeed(
    given: Given, when: When, then: Then, account: Account
) -> None:
    when(FAILED)
    assert not then.recorded(PaymentFailureReported).ignored
    given(PAID)
    assert account.balance == 5 * 10**9


def test_reported_twice_it_is_one_failure(given: Given, when: When, then: Then) -> None:
    given(FAILED)
    when(FAILED)
    assert then.duplicate() == {"account_id": "main", "payment_ref": "card/1", "ignored": False}


def test_reported_for_another_account_it_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(FAILED)
    when(ReportPaymentFailure("other", "card/1"))
    then.refused("payment_failure_conflict")


def test_of_an_unknown_account_it_is_refused(when: When, then: Then) -> None:
    when(ReportPaymentFailure("nobody", "card/1"))
    then.refused("account_not_found")
