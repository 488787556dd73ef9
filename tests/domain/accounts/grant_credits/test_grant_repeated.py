"""A grant is given once per account, kind and reference, signup credit once per account (C9)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount

pytestmark = pytest.mark.rule("C9")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    for account_id in ("main", "other"):
        given(OpenAccount(account_id=account_id, owner_kind="org", currency="USD"))


def grant(**fields: Any) -> GrantCredits:
    promo = {"account_id": "main", "amount": "1.00", "kind": "promo", "reason": "spring", "reference": "spring-26"}
    return GrantCredits(**promo | fields)


def test_the_same_reference_is_a_duplicate(given: Given, when: When, then: Then, account: Account) -> None:
    given(grant())
    when(grant(reason="told twice"))
    assert then.duplicate()["lot"] == "lot-2"
    assert account.balance == 1_000_000_000


def test_the_same_reference_with_another_amount_is_a_conflict(given: Given, when: When, then: Then) -> None:
    given(grant())
    when(grant(amount="2.00"))
    then.refused("grant_conflict")


@pytest.mark.parametrize("other", [{"kind": "referral"}, {"account_id": "other"}, {"reference": "summer-26"}])
def test_another_kind_account_or_reference_is_another_grant(
    given: Given, when: When, then: Then, other: dict[str, str]
) -> None:
    given(grant())
    when(grant(**other))
    then.accepted()


def test_two_grants_without_reference_are_two_grants(given: Given, when: When, account: Account) -> None:
    given(grant(reference=None))
    when(grant(reference=None))
    assert account.balance == 2_000_000_000


def test_signup_credit_is_given_once_whatever_the_campaign(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(grant(kind="signup", reference="campaign-1"))
    when(grant(kind="signup", reference="campaign-2", amount="9.00"))
    assert then.duplicate()["amount"] == "1.00"
    assert account.balance == 1_000_000_000


def test_signup_credit_of_another_account_is_its_own(given: Given, when: When, then: Then) -> None:
    given(grant(kind="signup"))
    when(grant(kind="signup", account_id="other"))
    then.accepted()
