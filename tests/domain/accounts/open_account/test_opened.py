"""An account begins as the command says, and at zero."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.events import AccountOpened


@pytest.mark.rule("A2")
def test_an_account_is_prepaid_in_utc_without_overdraft_unless_told_otherwise(when: When, then: Then) -> None:
    when(OpenAccount(account_id="main", owner_kind="org", currency="USD"))
    assert then.recorded(AccountOpened) == AccountOpened(
        account_id="main",
        owner_kind="org",
        tier=None,
        funding="prepaid",
        currency="USD",
        zone="UTC",
        overdraft_limit=0,
        credit_limit=None,
    )


@pytest.mark.rule("A2")
def test_an_invoiced_account_keeps_its_limits_and_zone(when: When, then: Then) -> None:
    when(
        OpenAccount(
            account_id="main",
            owner_kind="org",
            currency="EUR",
            funding="invoiced",
            zone="Europe/Berlin",
            overdraft_limit="1.50",
            credit_limit="1000",
        )
    )
    answer = then.accepted()
    assert (answer.funding, answer.zone, answer.currency) == ("invoiced", "Europe/Berlin", "EUR")
    assert (answer.overdraft_limit, answer.credit_limit, answer.version) == ("1.50", "1000.00", 1)


@pytest.mark.rule("A1")
def test_a_platform_service_account_has_a_tier(when: When, then: Then) -> None:
    when(OpenAccount(account_id="main", owner_kind="platform_service", currency="USD", tier="demo"))
    assert then.recorded(AccountOpened).tier == "demo"


@pytest.mark.rule("A5")
def test_a_new_account_stands_at_zero(given: Given, account: Account) -> None:
    given(OpenAccount(account_id="main", owner_kind="personal", currency="USD"))
    assert (account.balance, account.held, account.available, account.overdraft, account.unbilled) == (0, 0, 0, 0, 0)
