"""A dividend is frozen when it is declared, paid by one grant a recipient, and completed by running again (C16, M5)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount
from usage_ledger.accounts.dividends.commands import DeclareDividend, PayDividend
from usage_ledger.accounts.dividends.events import DividendCompleted, DividendDeclared
from usage_ledger.accounts.events import CreditsGranted
from usage_ledger.accounts.lifecycle.commands import CloseAccount

pytestmark = pytest.mark.rule("C16")
SHARE = 3_333_333_333


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(*(OpenAccount(account_id=each, owner_kind="org", currency="USD") for each in ("a", "b", "c")))


def declare(**fields: Any) -> DeclareDividend:
    return DeclareDividend(**{"dividend_id": "q1", "pool": "10.00", "recipients": ("a", "b", "c")} | fields)


def balances(ledger: LedgerInMemory) -> list[int]:
    return [ledger.get(Account, f"acme/account-{each}").balance for each in ("a", "b", "c")]


@pytest.mark.rule("M5")
def test_shares_are_equal_and_the_remainder_stays(when: When, then: Then) -> None:
    when(declare())
    expected = DividendDeclared("q1", "USD", 10 * 10**9, ("a", "b", "c"), SHARE, 1)
    assert then.recorded(DividendDeclared) == expected
    assert (then.accepted().share, then.accepted().remainder) == ("3.333333333", "0.000000001")


def test_paying_grants_every_recipient_its_share_then_it_is_complete(
    given: Given, when: When, then: Then, ledger: LedgerInMemory
) -> None:
    given(declare())
    when(PayDividend("q1"))
    *granted, completed = then.recorded(CreditsGranted, CreditsGranted, CreditsGranted, DividendCompleted)
    assert [each.reference for each in granted] == ["dividend/q1/a", "dividend/q1/b", "dividend/q1/c"]
    assert {each.kind for each in granted} == {"dividend"}
    assert completed == DividendCompleted("q1", "USD", 3 * SHARE, 1, ())
    assert balances(ledger) == [SHARE] * 3


def test_an_interrupted_run_is_completed_by_running_again(
    given: Given, when: When, then: Then, ledger: LedgerInMemory
) -> None:
    given(declare(), PayDividend("q1", recipients_max=2))
    assert balances(ledger) == [SHARE, SHARE, 0]
    when(PayDividend("q1"))
    then.recorded(CreditsGranted, DividendCompleted)
    assert (then.accepted().recipients_paid, then.accepted().completed) == (1, True)
    assert balances(ledger) == [SHARE] * 3


def test_a_run_that_leaves_somebody_says_so(given: Given, when: When, then: Then) -> None:
    given(declare())
    when(PayDividend("q1", recipients_max=1))
    then.recorded(CreditsGranted)
    assert (then.accepted().recipients_left, then.accepted().completed) == (2, False)


def test_a_completed_one_pays_nothing(given: Given, when: When, then: Then, ledger: LedgerInMemory) -> None:
    given(declare(), PayDividend("q1"))
    when(PayDividend("q1"))
    assert (then.accepted().paid, then.happened.recorded) == ("0.00", ())
    assert balances(ledger) == [SHARE] * 3


def test_its_grants_are_unique_like_any_other(given: Given, when: When, then: Then) -> None:
    given(declare(), PayDividend("q1"))
    when(GrantCredits("a", "3.333333333", "dividend", "again", reference="dividend/q1/a"))
    then.duplicate()


def test_an_account_closed_since_is_left_out_and_its_share_stays(
    given: Given, when: When, then: Then, ledger: LedgerInMemory
) -> None:
    given(declare(), CloseAccount("b", "left us"))
    when(PayDividend("q1"))
    *_, completed = then.recorded(CreditsGranted, CreditsGranted, DividendCompleted)
    assert completed == DividendCompleted("q1", "USD", 2 * SHARE, 10 * 10**9 - 2 * SHARE, ("b",))
    assert balances(ledger) == [SHARE, 0, SHARE]


def test_a_pool_too_small_to_share_pays_nobody(given: Given, when: When, then: Then) -> None:
    given(declare(pool="0.000000002"))
    when(PayDividend("q1"))
    assert then.recorded(DividendCompleted) == DividendCompleted("q1", "USD", 0, 2, ())


def test_declared_again_it_is_a_duplicate_and_with_other_terms_a_conflict(given: Given, when: When, then: Then) -> None:
    given(declare())
    when(declare())
    assert then.duplicate()["share"] == "3.333333333"
    when(declare(pool="11.00"))
    then.refused("dividend_conflict")
    when(declare(recipients=("a", "b")))
    then.refused("dividend_conflict")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"recipients": ("a", "nobody")}, "account_not_found"),
        ({"recipients": ("a", "service")}, "credits_not_applicable"),
        ({"recipients": ("a", "closed")}, "account_closed"),
        ({"recipients": ("a", "euro")}, "currency_mismatch"),
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"pool": "0"}, "amount_not_positive"),
    ],
)
def test_a_dividend_that_could_not_be_paid_is_refused(
    given: Given, when: When, then: Then, fields: dict[str, Any], code: str
) -> None:
    given(
        OpenAccount(account_id="service", owner_kind="platform_service", currency="USD", tier="internal"),
        OpenAccount(account_id="euro", owner_kind="org", currency="EUR"),
        OpenAccount(account_id="closed", owner_kind="org", currency="USD"),
        CloseAccount("closed", "left us"),
    )
    when(declare(**fields))
    then.refused(code)


def test_a_recipient_named_twice_is_refused(when: When, then: Then) -> None:
    when(declare(recipients=("a", "a")))
    then.invalid("duplicate_recipient", "/recipients")


def test_a_pool_that_is_no_amount_says_where_it_stood(when: When, then: Then) -> None:
    when(declare(pool="lots"))
    then.invalid("invalid_amount", "/pool")


def test_an_unknown_dividend_is_not_found(when: When, then: Then) -> None:
    when(PayDividend("q9"))
    then.refused("dividend_not_found")
