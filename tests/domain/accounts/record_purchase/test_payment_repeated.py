"""The identity of a purchase is its payment, whichever channel reports it (C8)."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase

pytestmark = pytest.mark.rule("C8")


@pytest.fixture(autouse=True)
def _bought(given: Given) -> None:
    given(
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        OpenAccount(account_id="other", owner_kind="org", currency="USD"),
        RecordPurchase(account_id="main", amount="5.00", payment_ref="card/p1"),
    )


def test_the_same_payment_again_is_a_duplicate_with_the_first_answer(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase(account_id="main", amount="1.00", payment_ref="card/p2"))
    when(RecordPurchase(account_id="main", amount="5.0", payment_ref="card/p1"), source="webhook")
    answer = then.duplicate()
    assert (answer["lot"], answer["posted"]) == ("lot-2", "5.00")
    assert account.balance == 6_000_000_000


def test_the_same_payment_with_another_amount_is_a_conflict(when: When, then: Then, account: Account) -> None:
    when(RecordPurchase(account_id="main", amount="5.01", payment_ref="card/p1"))
    then.refused("payment_conflict")
    assert account.balance == 5_000_000_000


def test_the_same_payment_for_another_account_is_a_conflict(when: When, then: Then) -> None:
    when(RecordPurchase(account_id="other", amount="5.00", payment_ref="card/p1"))
    then.refused("payment_conflict")


def test_the_same_reference_of_another_tenant_is_unrelated(given: Given, when: When, then: Then) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"), tenant="umbrella")
    when(RecordPurchase(account_id="main", amount="9.00", payment_ref="card/p1"), tenant="umbrella")
    then.accepted()
