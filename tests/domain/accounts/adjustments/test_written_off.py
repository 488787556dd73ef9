"""Debt ends by credit or by a write-off that somebody approved, never in silence (C17)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import WriteOffOverdraft
from usage_ledger.accounts.adjustments.events import OverdraftWrittenOff
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.journal import JournalLine

pytestmark = pytest.mark.rule("C17")

USD = 1_000_000_000


def write_off(amount: str, **fields: Any) -> WriteOffOverdraft:
    usual = {"account_id": "main", "amount": amount, "reason": "bankrupt", "approver": "fin-1"}
    return WriteOffOverdraft(**usual | fields)


@pytest.fixture(autouse=True)
def _indebted(given: Given, charge: Charge) -> None:
    given(OpenAccount("main", "org", "USD"))
    charge(2 * USD)


def test_debt_is_written_off_against_bad_debts(when: When, then: Then, account: Account) -> None:
    when(write_off("1.50"))
    written_off = then.recorded(OverdraftWrittenOff)
    assert (written_off.amount, written_off.approver, written_off.reason) == (1_500_000_000, "fin-1", "bankrupt")
    assert written_off.entries[0].lines == (
        JournalLine(1300, "credit", 1_500_000_000),
        JournalLine(5300, "debit", 1_500_000_000),
    )
    assert account.balance == written_off.balance_after == -500_000_000
    answer = then.accepted()
    assert (answer.amount, answer.overdraft, answer.posted) == ("1.50", "0.50", "-0.50")


def test_no_more_is_written_off_than_is_owed(when: When, then: Then) -> None:
    when(write_off("2.000000001"))
    assert then.refused("write_off_exceeds_overdraft")["overdraft"] == "2.00"


def test_unbilled_usage_is_no_debt_to_write_off(given: Given, when: When, then: Then) -> None:
    given(OpenAccount("invoiced", "org", "USD", funding="invoiced"))
    when(write_off("1.00", account_id="invoiced"))
    then.refused("write_off_exceeds_overdraft")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "-1.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        ({"reason": ""}, "missing_reason"),
    ],
)
def test_a_write_off_is_refused(when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    when(write_off(**{"amount": "1.00"} | fields))
    then.refused(code)
