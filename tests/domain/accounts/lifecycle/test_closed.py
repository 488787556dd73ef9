"""An account is closed once everything of it is settled, for good, and takes no credit after that (A3, A4)."""

from __future__ import annotations

import msgspec
import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.entries.commands import EntryLine, PostEntry
from usage_ledger.accounts.lifecycle.commands import CloseAccount, ResumeAccount, SuspendAccount
from usage_ledger.accounts.lifecycle.events import AccountClosed
from usage_ledger.timeline import END

CLOSE = CloseAccount("main", "left us")
PROMO = GrantCredits("main", "1.00", "promo", "spring", effective_at=NOON + DAY)


def opened(**fields: str) -> OpenAccount:
    return OpenAccount(account_id="main", owner_kind="org", currency="USD", **fields)


@pytest.mark.rule("A3")
def test_a_settled_account_is_closed(given: Given, when: When, then: Then) -> None:
    given(opened())
    when(CLOSE)
    assert then.recorded(AccountClosed) == AccountClosed("main", "left us")
    assert then.accepted().status == "closed"


@pytest.mark.rule("A3")
def test_a_suspended_account_is_closed(given: Given, when: When, then: Then) -> None:
    given(opened(), SuspendAccount("main", "abuse"))
    when(CLOSE)
    assert (then.accepted().status, then.accepted().reasons) == ("closed", ("abuse",))


@pytest.mark.rule("A4")
@pytest.mark.parametrize(
    ("funding", "charged", "reasons"),
    [("prepaid", 0, "balance"), ("prepaid", 3, "overdraft"), ("invoiced", 3, "unbilled")],
)
def test_it_is_not_closed_while_money_is_open(
    given: Given, when: When, then: Then, charge: Charge, funding: str, charged: int, reasons: str
) -> None:
    given(opened(funding=funding), RecordPurchase("main", "1.00", "card/1"))
    charge(charged * 10**9)
    when(CLOSE)
    assert then.refused("account_not_settled") == {"reasons": reasons}


@pytest.mark.rule("A4")
def test_every_reason_is_told_in_its_order(
    given: Given, when: When, then: Then, charge: Charge, account: Account
) -> None:
    given(opened(funding="invoiced"))
    charge(10**9)
    given(RecordPurchase("main", "1.00", "card/1"))
    when(CLOSE)
    assert then.refused("account_not_settled") == {"reasons": "balance,unbilled"}


@pytest.mark.rule("A3")
@pytest.mark.parametrize(
    "command",
    [
        RecordPurchase("main", "1.00", "card/1"),
        GrantCredits("main", "1.00", "promo", "spring"),
        GrantAllowance("main", "team", "2026-03", "1.00", "none"),
        PostEntry("main", (EntryLine(1000, "debit", "1"), EntryLine(3000, "credit", "1")), "late"),
        SuspendAccount("main", "manual"),
        ResumeAccount("main", "manual"),
        CLOSE,
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_closed_account_refuses(given: Given, when: When, then: Then, command: msgspec.Struct) -> None:
    given(opened(), CLOSE)
    when(command)
    then.refused("account_closed")


@pytest.mark.rule("A3")
def test_what_was_to_be_granted_is_not(given: Given, when: When, ledger: LedgerInMemory, account: Account) -> None:
    given(opened(), PROMO, CLOSE)
    assert account.next_due == END
    when(ReportPaymentFailure("main", "card/1"), at=NOON + 2 * DAY)
    assert ledger.due == []


@pytest.mark.rule("A5")
def test_an_unknown_account_is_not_found(when: When, then: Then) -> None:
    when(CLOSE)
    then.refused("account_not_found")
