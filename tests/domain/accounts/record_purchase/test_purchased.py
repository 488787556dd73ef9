"""A payment becomes a lot of credit against cash."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.events import PurchaseRecorded
from usage_ledger.accounts.journal import JournalEntry, JournalLine


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


@pytest.mark.rule("C8")
def test_a_purchase_raises_credits_and_cash(when: When, then: Then) -> None:
    when(RecordPurchase(account_id="main", amount="5.00", payment_ref="card/p1", currency="USD"))
    assert then.recorded(PurchaseRecorded) == PurchaseRecorded(
        account_id="main",
        currency="USD",
        amount=5_000_000_000,
        payment_ref="card/p1",
        debt_settled=0,
        lot="lot-2",
        lot_amount=5_000_000_000,
        priority=50,
        expires_at=None,
        entries=(
            JournalEntry(
                "purchase",
                (JournalLine(1000, "debit", 5_000_000_000), JournalLine(2000, "credit", 5_000_000_000, "lot-2")),
            ),
        ),
        balance_after=5_000_000_000,
        held_after=0,
    )


@pytest.mark.rule("C2")
def test_the_answer_says_where_the_account_stands(given: Given, when: When, then: Then) -> None:
    given(RecordPurchase(account_id="main", amount="5.00", payment_ref="card/p1"))
    when(RecordPurchase(account_id="main", amount="2.50", payment_ref="card/p2"))
    answer = then.accepted()
    assert (answer.lot, answer.amount, answer.lot_amount, answer.debt_settled) == ("lot-3", "2.50", "2.50", "0.00")
    assert (answer.posted, answer.held, answer.available, answer.currency) == ("7.50", "0.00", "7.50", "USD")


@pytest.mark.rule("C1")
def test_the_lot_is_the_accounts(given: Given, account: Account) -> None:
    given(RecordPurchase(account_id="main", amount="5.00", payment_ref="card/p1"))
    (lot,) = account.lots
    assert (lot.lot, lot.kind, lot.remaining, lot.priority) == ("lot-2", "purchase", 5_000_000_000, 50)
    assert account.balance == 5_000_000_000
