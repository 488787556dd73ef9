"""An id is opened once per tenant."""

from __future__ import annotations

from domain.given import Given, Then, When
from usage_ledger.accounts.commands import OpenAccount

MAIN = OpenAccount(account_id="main", owner_kind="org", currency="USD")


def test_an_account_is_not_opened_twice(given: Given, when: When, then: Then) -> None:
    given(MAIN)
    when(MAIN)
    then.refused("account_exists")


def test_another_tenant_may_use_the_same_id(given: Given, when: When, then: Then) -> None:
    given(MAIN)
    when(MAIN, tenant="umbrella")
    then.accepted()
