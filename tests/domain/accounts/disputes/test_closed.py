"""A dispute that is won is reversed, one that is lost becomes a loss of cash; once per dispute and outcome (C13)."""

from __future__ import annotations

import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.events import CreditsExpired
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.lifecycle.events import AccountResumed
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.refunds.events import DisputeLost, DisputeWon

pytestmark = pytest.mark.rule("C13")

USD = 1_000_000_000
WON = CloseDispute("d1", "won")
LOST = CloseDispute("d1", "lost")


@pytest.fixture(autouse=True)
def _disputed(given: Given, charge: Charge) -> None:
    """10.00 bought, 4.00 used: the dispute took 6.00 of the lot and 4.00 of overdraft."""
    given(OpenAccount("main", "org", "USD"), RecordPurchase("main", "10.00", "card/p1"))
    charge(4 * USD)
    given(OpenDispute("main", "d1", "card/p1"))


@pytest.mark.rule("C12")
def test_a_dispute_that_was_won_is_as_if_it_had_never_been(when: When, then: Then, account: Account) -> None:
    when(WON)
    won, resumed = then.recorded(DisputeWon, AccountResumed)
    assert (won.amount, won.debt_settled, won.lot) == (10 * USD, 4 * USD, None)
    assert won.restored == (LotAmount("lot-2", 6 * USD),)
    assert won.entries[0].lines == (
        JournalLine(1010, "debit", 10 * USD),
        JournalLine(1300, "credit", 4 * USD),
        JournalLine(2000, "credit", 6 * USD, "lot-2"),
    )
    assert (resumed.reason, account.suspended_for) == ("dispute", [])
    assert (account.balance, account.overdraft, account.code_balances[1010]) == (6 * USD, 0, 0)
    answer = then.accepted()
    assert (answer.dispute_id, answer.decided, answer.amount, answer.posted) == ("d1", "won", "10.00", "6.00")


@pytest.mark.rule("C12")
def test_overdraft_that_was_settled_meanwhile_comes_back_as_an_adjustment_lot(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(GrantCredits("main", "3.00", "promo", "gift"))
    when(WON)
    won, _ = then.recorded(DisputeWon, AccountResumed)
    assert (won.debt_settled, won.lot_amount, won.balance_after) == (USD, 3 * USD, 9 * USD)
    assert [(lot.kind, lot.remaining) for lot in account.lots] == [("purchase", 6 * USD), ("adjustment", 3 * USD)]


@pytest.mark.rule("C11")
def test_a_purchase_whose_dispute_was_won_may_be_refunded(given: Given, when: When, then: Then) -> None:
    given(WON)
    when(RefundPurchase("main", "card/p1", "r1", "10.00", "asked"))
    then.accepted()


def test_a_lost_dispute_is_a_loss_of_cash_and_the_account_stays_suspended(
    when: When, then: Then, account: Account
) -> None:
    when(LOST)
    lost = then.recorded(DisputeLost)
    assert lost.entries[0].lines == (JournalLine(1000, "credit", 10 * USD), JournalLine(1010, "debit", 10 * USD))
    assert (lost.balance_after, account.balance, account.suspended_for) == (-4 * USD, -4 * USD, ["dispute"])
    assert (account.code_balances[1000], account.code_balances[1010]) == (0, 0)


@pytest.mark.rule("C11")
def test_what_was_lost_cannot_be_refunded(given: Given, when: When, then: Then) -> None:
    given(LOST)
    when(RefundPurchase("main", "card/p1", "r1", "0.01", "asked"))
    then.refused("refund_exceeds_purchase")


@pytest.mark.parametrize("close", [WON, LOST])
def test_the_same_outcome_again_is_a_duplicate(
    given: Given, when: When, then: Then, account: Account, close: CloseDispute
) -> None:
    given(close)
    before = account.balance
    when(close, source="webhook")
    assert then.duplicate()["decided"] == close.outcome
    assert account.balance == before


@pytest.mark.parametrize(("first", "second"), [(WON, LOST), (LOST, WON)])
def test_a_dispute_is_decided_one_way(
    given: Given, when: When, then: Then, first: CloseDispute, second: CloseDispute
) -> None:
    given(first)
    when(second)
    then.refused("already_decided")


@pytest.mark.rule("A3")
def test_the_account_is_suspended_while_another_dispute_is_open(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "20.00", "card/p2"), OpenDispute("main", "d2", "card/p2"))
    when(WON)
    then.recorded(DisputeWon)
    assert account.suspended_for == ["dispute"]


def test_a_dispute_that_nobody_opened_is_not_found(when: When, then: Then) -> None:
    when(CloseDispute("d9", "won"))
    then.refused("dispute_not_found")


def test_a_dispute_of_another_tenant_is_not_found(when: When, then: Then) -> None:
    when(WON, tenant="umbrella")
    then.refused("dispute_not_found")


@pytest.mark.rule("C7")
@pytest.mark.rule("C12")
def test_what_returns_to_a_lot_that_expired_meanwhile_expires_again_at_once(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "5.00", "card/p2", expires_at=NOON + DAY), OpenDispute("main", "d2", "card/p2"))
    when(CloseDispute("d2", "won"), at=NOON + DAY)
    won, expired = then.recorded(DisputeWon, CreditsExpired)
    assert (won.restored, expired.lot, expired.amount) == ((LotAmount("lot-7", USD),), "lot-7", USD)
    assert (account.balance, account.overdraft, account.suspended_for) == (0, 0, ["dispute"])
