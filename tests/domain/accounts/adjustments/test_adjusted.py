"""A balance is set right by hand, upwards and downwards, against corrections (C17)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.adjustments.events import BalanceAdjusted
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.journal import JournalLine

pytestmark = pytest.mark.rule("C17")

USD = 1_000_000_000


def adjust(amount: str, **fields: Any) -> AdjustBalance:
    return AdjustBalance(**{"account_id": "main", "amount": amount, "reason": "outage", "approver": "fin-1"} | fields)


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount("main", "org", "USD"))


@pytest.mark.rule("C5")
def test_upwards_debt_comes_first_and_the_rest_is_an_adjustment_lot(
    charge: Charge, when: When, then: Then, account: Account
) -> None:
    charge(2 * USD)
    when(adjust("5.00", reverses="entry-7"))
    adjusted = then.recorded(BalanceAdjusted)
    assert (adjusted.amount, adjusted.debt_settled, adjusted.lot_amount) == (5 * USD, 2 * USD, 3 * USD)
    assert (adjusted.reverses, adjusted.approver, adjusted.reason) == ("entry-7", "fin-1", "outage")
    assert adjusted.entries[0].lines == (
        JournalLine(1300, "credit", 2 * USD),
        JournalLine(2000, "credit", 3 * USD, "lot-3"),
        JournalLine(5070, "debit", 5 * USD),
    )
    (lot,) = account.lots
    assert (lot.lot, lot.kind, lot.amount, lot.remaining) == ("lot-3", "adjustment", 5 * USD, 3 * USD)
    assert (lot.priority, lot.expires_at) == (50, None)
    assert account.balance == adjusted.balance_after == 3 * USD


@pytest.mark.rule("C3")
def test_downwards_lots_give_in_their_order_and_then_it_is_debt(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "1.00", "card/p1"), GrantCredits("main", "2.00", "promo", "gift"))
    when(adjust("-4.00"))
    (adjusted, *_) = then.happened.recorded
    assert adjusted[1].allocations == (LotAmount("lot-3", 2 * USD), LotAmount("lot-2", USD), LotAmount(None, USD))
    assert adjusted[1].entries[0].lines == (
        JournalLine(1300, "debit", USD),
        JournalLine(2000, "debit", USD, "lot-2"),
        JournalLine(2000, "debit", 2 * USD, "lot-3"),
        JournalLine(5070, "credit", 4 * USD),
    )
    assert (account.balance, account.overdraft) == (-USD, USD)
    answer = then.accepted()
    assert (answer.amount, answer.posted, answer.lot) == ("-4.00", "-1.00", None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"account_id": "service"}, "credits_not_applicable", marks=pytest.mark.rule("A1")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        ({"reason": " \t"}, "missing_reason"),
    ],
)
def test_an_adjustment_is_refused(given: Given, when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    given(OpenAccount("service", "platform_service", "USD", tier="internal"))
    when(adjust(**{"amount": "1.00"} | fields))
    then.refused(code)


@pytest.mark.rule("M2")
def test_a_balance_beyond_64_bits_is_refused(given: Given, when: When, then: Then) -> None:
    given(adjust("9223372036.00"))
    when(adjust("1.00"))
    then.refused("amount_out_of_range")
