"""Fees that are not charged; nothing is recorded (C15, H2)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.fees.commands import ChargeFee


def fee(**fields: Any) -> ChargeFee:
    return ChargeFee(**{"account_id": "main", "fee": "other", "period": "p1", "amount": "1.00"} | fields)


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount("main", "org", "USD"), RecordPurchase("main", "10.00", "card/p1"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        pytest.param({"amount": "-1.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        pytest.param({"amount": "10.000000001"}, "insufficient_credits", marks=pytest.mark.rule("C15")),
    ],
)
def test_a_fee_is_refused(when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    when(fee(**fields))
    then.refused(code)


@pytest.mark.rule("H2")
def test_a_fee_beyond_what_is_there_is_refused_with_the_facts(when: When, then: Then) -> None:
    when(fee(amount="20.00"))
    facts = then.refused("insufficient_credits")
    assert (facts["balance"], facts["spendable"], facts["required"]) == ("10.00", "10.00", "20.00")


@pytest.mark.rule("H2")
def test_with_nothing_left_to_spend_credit_is_exhausted(charge: Charge, when: When, then: Then) -> None:
    charge(10_000_000_000)
    when(fee(amount="0.01"))
    assert then.refused("credits_exhausted")["spendable"] == "0.00"


@pytest.mark.rule("C15")
def test_another_amount_for_the_same_period_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(fee())
    when(fee(amount="2.00"))
    then.refused("fee_conflict")


@pytest.mark.rule("M3")
def test_an_amount_that_is_none_is_invalid(when: When, then: Then) -> None:
    when(fee(amount="1e1"))
    then.invalid("invalid_amount", "/amount")


@pytest.mark.rule("M2")
def test_a_balance_beyond_64_bits_is_refused(given: Given, when: When, then: Then) -> None:
    given(OpenAccount("big", "org", "USD", funding="invoiced"))
    given(fee(account_id="big", amount="9223372036.00"))
    when(fee(account_id="big", amount="1.00", period="p2"))
    then.refused("amount_out_of_range")
