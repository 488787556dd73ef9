"""A transfer moves paid credit only, and each lot keeps its priority and its expiry (C14)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.events import ArrivedLot, CreditsTransferredIn, CreditsTransferredOut

pytestmark = pytest.mark.rule("C14")

USD = 1_000_000_000


def transfer(amount: str, **fields: Any) -> TransferCredits:
    return TransferCredits(**{"transfer_id": "t1", "account_id": "main", "to": "other", "amount": amount} | fields)


@pytest.fixture
def other(ledger: LedgerInMemory) -> Account:
    return ledger.get(Account, "acme/account-other")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount("main", "org", "USD"), OpenAccount("other", "org", "USD"))


def test_paid_lots_leave_in_the_order_in_which_they_burn_and_arrive_one_by_one(
    given: Given, when: When, then: Then, account: Account, other: Account
) -> None:
    given(
        RecordPurchase("main", "10.00", "card/p1", priority=60),
        RecordPurchase("main", "4.00", "card/p2", expires_at=NOON + DAY),
        GrantCredits("main", "5.00", "promo", "gift", priority=0),
    )
    when(transfer("6.00"))
    leaving, arriving = then.recorded(CreditsTransferredOut, CreditsTransferredIn)
    assert leaving.lots == (LotAmount("lot-3", 4 * USD), LotAmount("lot-2", 2 * USD))
    assert leaving.entries[0].lines == (
        JournalLine(2000, "debit", 2 * USD, "lot-2"),
        JournalLine(2000, "debit", 4 * USD, "lot-3"),
        JournalLine(2950, "credit", 6 * USD),
    )
    assert arriving.lots == (
        ArrivedLot("lot-3", "lot-2-1", 4 * USD, 4 * USD, 50, NOON + DAY),
        ArrivedLot("lot-2", "lot-2-2", 2 * USD, 2 * USD, 60, None),
    )
    assert arriving.entries[0].lines == (
        JournalLine(2000, "credit", 4 * USD, "lot-2-1"),
        JournalLine(2000, "credit", 2 * USD, "lot-2-2"),
        JournalLine(2950, "debit", 6 * USD),
    )
    assert [(lot.kind, lot.remaining, lot.expires_at) for lot in other.lots] == [
        ("transfer", 4 * USD, NOON + DAY),
        ("transfer", 2 * USD, None),
    ]
    assert (leaving.balance_after, arriving.balance_after) == (account.balance, other.balance) == (13 * USD, 6 * USD)


@pytest.mark.rule("C5")
def test_what_arrives_settles_debt_first(given: Given, when: When, then: Then, other: Account) -> None:
    given(RecordPurchase("main", "1.00", "card/p1"), RecordPurchase("main", "4.00", "card/p2"))
    given(GrantCredits("main", "1.00", "promo", "gift"), AdjustBalance("other", "-2.00", "test", "op-1"))
    when(transfer("5.00"))
    _, arriving = then.recorded(CreditsTransferredOut, CreditsTransferredIn)
    assert arriving.debt_settled == 2 * USD
    assert [(lot.lot, lot.amount, lot.lot_amount) for lot in arriving.lots] == [
        (None, USD, 0),
        ("lot-3-2", 4 * USD, 3 * USD),
    ]
    assert (other.balance, other.overdraft, len(other.lots)) == (3 * USD, 0, 1)


def test_what_only_settles_debt_is_no_lot(given: Given, when: When, then: Then, other: Account) -> None:
    given(RecordPurchase("main", "5.00", "card/p1"), AdjustBalance("other", "-9.00", "test", "op-1"))
    when(transfer("5.00"))
    answer = then.accepted()
    assert (answer.transfer_id, answer.to, answer.debt_settled, answer.posted) == ("t1", "other", "5.00", "0.00")
    assert (other.balance, other.lots) == (-4 * USD, [])


def test_what_arrived_is_paid_credit_and_may_go_on(given: Given, when: When, then: Then, account: Account) -> None:
    given(RecordPurchase("main", "5.00", "card/p1"), transfer("5.00"))
    when(transfer("5.00", transfer_id="t2", account_id="other", to="main"))
    then.accepted()
    assert account.balance == 5 * USD


def test_promotional_credit_stays_where_it_is(given: Given, when: When, then: Then) -> None:
    given(RecordPurchase("main", "10.00", "card/p1"), GrantCredits("main", "5.00", "promo", "gift"))
    when(transfer("10.000000001"))
    assert then.refused("insufficient_transferable")["transferable"] == "10.00"


def test_nothing_leaves_an_account_in_debt(charge: Charge, when: When, then: Then) -> None:
    charge(USD)
    when(transfer("0.01"))
    assert then.refused("insufficient_transferable")["transferable"] == "0.00"


def test_the_same_transfer_again_is_a_duplicate(given: Given, when: When, then: Then, account: Account) -> None:
    given(RecordPurchase("main", "5.00", "card/p1"), transfer("2.00"))
    when(transfer("2.0"))
    assert then.duplicate()["posted"] == "3.00"
    assert account.balance == 3 * USD


def test_the_same_id_for_another_transfer_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(RecordPurchase("main", "5.00", "card/p1"), transfer("2.00"))
    when(transfer("1.00"))
    then.refused("transfer_conflict")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"to": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"to": "service"}, "credits_not_applicable", marks=pytest.mark.rule("A1")),
        pytest.param({"account_id": "service"}, "credits_not_applicable", marks=pytest.mark.rule("A1")),
        pytest.param({"to": "euros"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        ({"amount": "5.01"}, "insufficient_transferable"),
    ],
)
def test_a_transfer_is_refused(
    given: Given, when: When, then: Then, account: Account, fields: dict[str, Any], code: str
) -> None:
    given(
        OpenAccount("service", "platform_service", "USD", tier="internal"),
        OpenAccount("euros", "org", "EUR"),
        RecordPurchase("main", "5.00", "card/p1"),
    )
    when(transfer(**{"amount": "1.00"} | fields))
    then.refused(code)
    assert account.balance == 5 * USD


def test_a_transfer_to_itself_is_invalid(when: When, then: Then) -> None:
    when(transfer("1.00", to="main"))
    then.invalid("invalid_value", "/to")


@pytest.mark.rule("M2")
def test_what_the_other_account_cannot_take_does_not_leave_this_one(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "5.00", "card/p1"), AdjustBalance("other", "9223372036.00", "test", "op-1"))
    when(transfer("1.00"))
    then.refused("amount_out_of_range")
    assert account.balance == 5 * USD
