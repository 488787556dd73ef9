"""Purchases that no account can take."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        OpenAccount(account_id="yen", owner_kind="org", currency="JPY"),
        OpenAccount(account_id="service", owner_kind="platform_service", currency="USD", tier="internal"),
    )


def purchase(**fields: Any) -> RecordPurchase:
    return RecordPurchase(**{"account_id": "main", "amount": "5.00", "payment_ref": "card/p1"} | fields)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"account_id": "service"}, "credits_not_applicable", marks=pytest.mark.rule("A1")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        pytest.param({"amount": "-5.00"}, "amount_not_positive", marks=pytest.mark.rule("J2")),
        pytest.param({"amount": "5.001"}, "amount_not_chargeable", marks=pytest.mark.rule("M8")),
        pytest.param({"account_id": "yen", "amount": "500.50"}, "amount_not_chargeable", marks=pytest.mark.rule("M8")),
    ],
)
def test_a_purchase_is_refused(when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    when(purchase(**fields))
    then.refused(code)


@pytest.mark.parametrize(
    ("amount", "code"), [("five", "invalid_amount"), ("5.0000000000", "amount_too_precise"), ("1e1", "invalid_amount")]
)
def test_an_amount_that_is_none_is_invalid(when: When, then: Then, amount: str, code: str) -> None:
    when(purchase(amount=amount))
    then.invalid(code, "/amount")


@pytest.mark.rule("M2")
def test_a_balance_beyond_64_bits_is_refused_and_the_payment_stays_free(given: Given, when: When, then: Then) -> None:
    given(purchase(amount="9223372036.00"))
    when(purchase(amount="1.00", payment_ref="card/p2"))
    then.refused("amount_out_of_range")
    when(purchase(amount="0.50", payment_ref="card/p2"))
    then.accepted()
