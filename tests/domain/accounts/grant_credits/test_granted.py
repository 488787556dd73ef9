"""Credit that is given is an expense of its kind, not cash (C9)."""

from __future__ import annotations

import pytest

from domain.accounts.conftest import Charge
from domain.given import NOON, Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount
from usage_ledger.accounts.events import CreditsGranted
from usage_ledger.accounts.journal import JournalEntry, JournalLine


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


@pytest.mark.rule("C9")
def test_a_grant_becomes_a_lot_that_the_expense_of_its_kind_pays(when: When, then: Then) -> None:
    when(GrantCredits(account_id="main", amount="0.000000001", kind="promo", reason="spring", reference="spring-26"))
    assert then.recorded(CreditsGranted) == CreditsGranted(
        account_id="main",
        currency="USD",
        kind="promo",
        amount=1,
        reference="spring-26",
        reason="spring",
        debt_settled=0,
        lot="lot-2",
        lot_amount=1,
        priority=50,
        effective_at=NOON,
        expires_at=None,
        entries=(JournalEntry("grant", (JournalLine(2000, "credit", 1, "lot-2"), JournalLine(5020, "debit", 1))),),
        balance_after=1,
        held_after=0,
    )


@pytest.mark.rule("A6")
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("signup", 5000),
        ("admin", 5010),
        ("promo", 5020),
        ("referral", 5030),
        ("affiliate", 5040),
        ("bounty", 5050),
        ("dividend", 5060),
        ("goodwill", 4800),
        ("allowance", 5080),
    ],
)
def test_every_kind_has_its_code(when: When, then: Then, account: Account, kind: str, code: int) -> None:
    when(GrantCredits(account_id="main", amount="1.00", kind=kind, reason="because"))
    then.accepted()
    assert account.code_balances == {code: 1_000_000_000, 2000: -1_000_000_000}


@pytest.mark.rule("C1")
def test_a_priority_is_the_lots(when: When, account: Account) -> None:
    when(GrantCredits(account_id="main", amount="1.00", kind="promo", reason="because", priority=0))
    assert account.lots[0].priority == 0


@pytest.mark.rule("C9")
def test_without_a_reference_the_command_is_the_reference(when: When, then: Then) -> None:
    when(GrantCredits(account_id="main", amount="1.00", kind="promo", reason="x"), command_id="c-1", source="ops")
    assert then.recorded(CreditsGranted).reference == "ops/c-1"


@pytest.mark.rule("C5")
def test_a_grant_settles_debt_first(when: When, then: Then, charge: Charge, account: Account) -> None:
    charge(400_000_000)
    when(GrantCredits(account_id="main", amount="1.00", kind="goodwill", reason="sorry"))
    granted = then.recorded(CreditsGranted)
    assert (granted.debt_settled, granted.lot_amount, granted.balance_after) == (400_000_000, 600_000_000, 600_000_000)
    assert (account.overdraft, account.balance) == (0, 600_000_000)
