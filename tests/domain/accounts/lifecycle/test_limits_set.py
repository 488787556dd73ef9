"""How far an account may go is changed with a trace: what it was, what it is, and why (A2, H2)."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.lifecycle.commands import SetCreditLimit, SetOverdraftLimit
from usage_ledger.accounts.lifecycle.events import CreditLimitSet, OverdraftLimitSet

UNIT = 10**9


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD", overdraft_limit="1.00", credit_limit="5.00"))


@pytest.mark.rule("H2")
def test_another_overdraft_limit_holds_from_now_on(when: When, then: Then, account: Account) -> None:
    when(SetOverdraftLimit("main", "2.50", "trusted"))
    expected = OverdraftLimitSet("main", "USD", UNIT, 5 * UNIT // 2, "trusted")
    assert then.recorded(OverdraftLimitSet) == expected
    assert then.accepted().overdraft_limit == "2.50"
    assert account.overdraft_limit == 5 * UNIT // 2


@pytest.mark.rule("A2")
@pytest.mark.parametrize(("limit", "nano"), [("0", 0), (None, None), ("6.00", 6 * UNIT)])
def test_another_credit_limit_holds_from_now_on(
    when: When, then: Then, account: Account, limit: str | None, nano: int | None
) -> None:
    when(SetCreditLimit("main", limit))
    assert then.recorded(CreditLimitSet) == CreditLimitSet("main", "USD", 5 * UNIT, nano, None)
    assert account.credit_limit == nano


@pytest.mark.parametrize("command", [SetOverdraftLimit("main", "1"), SetCreditLimit("main", "5.0")])
def test_the_same_limit_is_no_event(when: When, then: Then, command: SetOverdraftLimit | SetCreditLimit) -> None:
    when(command)
    then.accepted()
    assert then.happened.recorded == ()


@pytest.mark.parametrize(("limit", "code"), [("-1", "invalid_limit"), ("much", "invalid_amount")])
@pytest.mark.parametrize("command", [SetOverdraftLimit, SetCreditLimit])
def test_what_is_no_limit_is_refused(
    when: When, then: Then, command: type[SetOverdraftLimit | SetCreditLimit], limit: str, code: str
) -> None:
    when(command("main", limit))
    then.invalid(code, "/limit")


@pytest.mark.parametrize("command", [SetOverdraftLimit, SetCreditLimit])
def test_an_unknown_account_is_not_found(
    when: When, then: Then, command: type[SetOverdraftLimit | SetCreditLimit]
) -> None:
    when(command("nobody", "1"))
    then.refused("account_not_found")
