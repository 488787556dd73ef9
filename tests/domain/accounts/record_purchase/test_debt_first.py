"""Incoming credit settles overdraft before it becomes a lot (C5)."""

from __future__ import annotations

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import PurchaseRecorded
from usage_ledger.accounts.journal import JournalLine

pytestmark = pytest.mark.rule("C5")

PURCHASE = RecordPurchase(account_id="main", amount="5.00", payment_ref="card/p1")


@pytest.mark.parametrize(
    ("debt", "settled", "lot_amount", "overdraft_after"),
    [
        (2_000_000_000, 2_000_000_000, 3_000_000_000, 0),
        (4_999_999_999, 4_999_999_999, 1, 0),
        (5_000_000_000, 5_000_000_000, 0, 0),
        (5_000_000_001, 5_000_000_000, 0, 1),
    ],
)
def test_debt_comes_first(
    given: Given,
    charge: Charge,
    when: When,
    then: Then,
    account: Account,
    debt: int,
    settled: int,
    lot_amount: int,
    overdraft_after: int,
) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))
    charge(debt)
    when(PURCHASE)
    recorded = then.recorded(PurchaseRecorded)
    assert (recorded.debt_settled, recorded.lot_amount) == (settled, lot_amount)
    assert recorded.lot == ("lot-3" if lot_amount else None)
    assert recorded.balance_after == account.balance == 5_000_000_000 - debt
    assert account.overdraft == overdraft_after


def test_the_entry_credits_the_debt_and_the_rest_apart(given: Given, charge: Charge, when: When, then: Then) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))
    charge(2_000_000_000)
    when(PURCHASE)
    (entry,) = then.recorded(PurchaseRecorded).entries
    assert entry.lines == (
        JournalLine(1000, "debit", 5_000_000_000),
        JournalLine(1300, "credit", 2_000_000_000),
        JournalLine(2000, "credit", 3_000_000_000, "lot-3"),
    )


def test_unbilled_usage_of_an_invoiced_account_is_no_overdraft(
    given: Given, charge: Charge, when: When, then: Then, account: Account
) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD", funding="invoiced"))
    charge(2_000_000_000)
    when(PURCHASE)
    assert then.recorded(PurchaseRecorded).debt_settled == 0
    assert (account.balance, account.unbilled) == (5_000_000_000, 2_000_000_000)
