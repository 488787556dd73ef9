"""Grants that no account can take."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.commands import GrantCredits, OpenAccount


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"account_id": "nobody"}, "account_not_found", marks=pytest.mark.rule("A5")),
        pytest.param({"account_id": "service"}, "credits_not_applicable", marks=pytest.mark.rule("A1")),
        pytest.param({"kind": "mystery"}, "unknown_grant_kind", marks=pytest.mark.rule("C1")),
        pytest.param({"kind": "purchase"}, "unknown_grant_kind", marks=pytest.mark.rule("C1")),
        pytest.param({"currency": "EUR"}, "currency_mismatch", marks=pytest.mark.rule("M7")),
        pytest.param({"amount": "0"}, "amount_not_positive", marks=pytest.mark.rule("C9")),
        pytest.param({"amount": "-1"}, "amount_not_positive", marks=pytest.mark.rule("C9")),
    ],
)
def test_a_grant_is_refused(given: Given, when: When, then: Then, fields: dict[str, Any], code: str) -> None:
    given(
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        OpenAccount(account_id="service", owner_kind="platform_service", currency="USD", tier="internal"),
    )
    when(GrantCredits(**{"account_id": "main", "amount": "1.00", "kind": "promo", "reason": "x"} | fields))
    then.refused(code)


@pytest.mark.rule("M2")
def test_the_balance_stays_below_the_64_bits_that_the_codes_other_side_has_one_more_of(
    given: Given, when: When, then: Then
) -> None:
    given(
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        GrantCredits("main", "9223372036.854775807", "promo", "x"),
    )
    when(GrantCredits("main", "0.000000001", "promo", "x"))
    then.refused("amount_out_of_range")
