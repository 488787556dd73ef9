"""An account is suspended while there is a reason; the same reason twice is one."""

from __future__ import annotations

import pytest

from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.lifecycle.commands import ResumeAccount, SuspendAccount
from usage_ledger.accounts.lifecycle.events import AccountResumed, AccountSuspended
from usage_ledger.accounts.lifecycle.standing_changes import REASONS_MAX
from usage_ledger.accounts.transfers.commands import TransferCredits

pytestmark = pytest.mark.rule("A3")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


def test_a_reason_suspends(when: When, then: Then) -> None:
    when(SuspendAccount("main", "manual"))
    assert then.recorded(AccountSuspended) == AccountSuspended("main", "manual", ("manual",))
    assert then.accepted().status == "suspended"


def test_a_reason_that_is_there_is_no_event(given: Given, when: When, then: Then) -> None:
    given(SuspendAccount("main", "manual"))
    when(SuspendAccount("main", "manual"))
    assert then.happened.recorded == ()
    assert then.accepted().reasons == ("manual",)


def test_it_stays_suspended_while_a_reason_is_left(given: Given, when: When, then: Then) -> None:
    given(SuspendAccount("main", "manual"), SuspendAccount("main", "abuse"))
    when(ResumeAccount("main", "manual"))
    assert then.recorded(AccountResumed) == AccountResumed("main", "manual", ("abuse",))
    assert then.accepted().status == "suspended"


def test_it_opens_when_the_last_reason_is_gone(given: Given, when: When, then: Then) -> None:
    given(SuspendAccount("main", "manual"))
    when(ResumeAccount("main", "manual"))
    assert (then.accepted().status, then.accepted().reasons) == ("open", ())


def test_a_reason_that_is_not_there_is_no_event(when: When, then: Then) -> None:
    when(ResumeAccount("main", "manual"))
    assert then.happened.recorded == ()
    assert then.accepted().status == "open"


def test_a_suspended_account_takes_credit(given: Given, account: Account) -> None:
    given(SuspendAccount("main", "manual"))
    given(RecordPurchase("main", "1.00", "card/1"), GrantCredits("main", "1.00", "promo", "sorry"))
    assert account.balance == 2 * 10**9


@pytest.mark.rule("C14")
def test_a_suspended_account_sends_and_receives_transfers(given: Given, account: Account) -> None:
    """What suspension refuses is admission; nothing that A3 or C14 says stops credit that is free from moving."""
    given(
        OpenAccount("other", "org", "USD"), RecordPurchase("main", "2.00", "card/1"), SuspendAccount("main", "manual")
    )
    given(TransferCredits("t1", "other", "2.00", "main"))
    assert account.balance == 0
    given(TransferCredits("t2", "main", "1.00", "other"))
    assert account.balance == 10**9


@pytest.mark.parametrize("command", [SuspendAccount("nobody", "x"), ResumeAccount("nobody", "x")])
def test_an_unknown_account_is_not_found(when: When, then: Then, command: SuspendAccount | ResumeAccount) -> None:
    when(command)
    then.refused("account_not_found")


def test_there_are_only_so_many_reasons(given: Given, when: When, then: Then) -> None:
    given(*(SuspendAccount("main", f"reason {number}") for number in range(REASONS_MAX)))
    when(SuspendAccount("main", "one more"))
    then.refused("too_many_reasons")
    when(SuspendAccount("main", "reason 1"))
    then.accepted()
