"""What may still happen to an account that is closed: what undoes, not what begins (A3)."""

from __future__ import annotations

import msgspec
import pytest

from domain.accounts.conftest import STREAM, Charge
from domain.given import Fact, Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance, WriteOffOverdraft
from usage_ledger.accounts.adjustments.events import OverdraftWrittenOff
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.lifecycle.events import AccountClosed
from usage_ledger.accounts.refunds.commands import OpenDispute, RefundPurchase
from usage_ledger.accounts.refunds.events import DisputeOpened, PurchaseRefunded
from usage_ledger.accounts.transfers.commands import TransferCredits

pytestmark = pytest.mark.rule("A3")


@pytest.fixture(autouse=True)
def _closed(given: Given, charge: Charge) -> None:
    """Bought 5.00, used all of it."""
    given(OpenAccount("main", "org", "USD"), OpenAccount("other", "org", "USD"))
    given(RecordPurchase("main", "5.00", "card/p1"), RecordPurchase("other", "5.00", "card/p2"))
    charge(5_000_000_000)
    given(Fact(STREAM, AccountClosed("main", "asked")))


@pytest.mark.parametrize(
    "command",
    [
        ChargeFee("main", "other", "p1", "1.00"),
        ChargeFee("main", "other", "p1", "1.00", capped=True),
        AdjustBalance("main", "1.00", "test", "op"),
        AdjustBalance("main", "-1.00", "test", "op"),
        TransferCredits("t1", "other", "1.00", "main"),
        TransferCredits("t1", "main", "1.00", "other"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_new_is_charged_or_given(when: When, then: Then, command: msgspec.Struct) -> None:
    when(command)
    then.refused("account_closed")


def test_its_purchase_may_be_refunded(when: When, then: Then) -> None:
    when(RefundPurchase("main", "card/p1", "r1", "1.00", "asked"))
    then.recorded(PurchaseRefunded)


def test_a_dispute_takes_its_purchase_and_does_not_suspend_it(when: When, then: Then, account: Account) -> None:
    when(OpenDispute("main", "d1", "card/p1"))
    then.recorded(DisputeOpened)
    assert account.suspended_for == []


def test_what_it_owes_may_be_written_off(given: Given, when: When, then: Then) -> None:
    given(RefundPurchase("main", "card/p1", "r1", "1.00", "asked"))
    when(WriteOffOverdraft("main", "1.00", "gone", "op"))
    then.recorded(OverdraftWrittenOff)
