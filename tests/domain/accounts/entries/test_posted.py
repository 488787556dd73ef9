"""Manual entries pass the checks of J2 in their order, and move no control account (J2-J4)."""

from __future__ import annotations

from itertools import permutations

import pytest

from domain.given import Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.entries.commands import EntryLine, PostEntry
from usage_ledger.accounts.entries.events import EntryPosted

UNIT = 10**9
CASH, EQUITY, FEE = EntryLine(1000, "debit", "3.00"), EntryLine(3000, "credit", "2.00"), EntryLine(4040, "credit", "1")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


@pytest.mark.rule("J4")
def test_an_entry_is_posted_with_its_reason(when: When, then: Then, account: Account) -> None:
    when(PostEntry("main", (CASH, EQUITY, FEE), "opening balances"))
    posted = then.recorded(EntryPosted)
    assert (posted.reason, posted.entries[0].type, posted.balance_after) == ("opening balances", "manual", 0)
    assert account.code_balances == {1000: 3 * UNIT, 3000: -2 * UNIT, 4040: -UNIT}


@pytest.mark.rule("J3")
def test_lines_in_any_order_are_the_same_entry(given: Given, ledger: LedgerInMemory) -> None:
    given(*(PostEntry("main", lines, "again") for lines in permutations((CASH, EQUITY, FEE))))
    entries = {event.entries for event, _ in ledger.streams["acme/account-main"] if isinstance(event, EntryPosted)}
    assert len(entries) == 1


OTHERS = EntryLine(1000, "debit", "1", account_id="other")
TWICE_TOO_MUCH = EntryLine(1000, "debit", "9000000000")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "entry_too_short"),
        ((EntryLine(1000, "debit", "-1"),), "entry_too_short"),
        ((EntryLine(1000, "debit", "0"), EntryLine(3000, "credit", "0")), "amount_not_positive"),
        ((EntryLine(1000, "debit", "-1"), EntryLine(9999, "credit", "-1")), "amount_not_positive"),
        ((EntryLine(9999, "debit", "1"), EntryLine(2000, "credit", "1")), "unknown_account_code"),
        ((OTHERS, EntryLine(2000, "credit", "1")), "control_account"),
        ((OTHERS, EntryLine(3000, "credit", "9")), "foreign_account_line"),
        ((TWICE_TOO_MUCH, TWICE_TOO_MUCH, EntryLine(3000, "credit", "9000000000")), "entry_unbalanced"),
        ((EntryLine(1000, "debit", "1.00"), EntryLine(3000, "credit", "0.99")), "entry_unbalanced"),
    ],
)
@pytest.mark.rule("J2")
def test_of_several_reasons_the_first_refuses(
    when: When, then: Then, account: Account, lines: tuple[EntryLine, ...], code: str
) -> None:
    when(PostEntry("main", lines, "because"))
    then.refused(code)
    assert account.code_balances == {}


@pytest.mark.rule("J2")
def test_an_unbalanced_entry_says_by_how_much(when: When, then: Then) -> None:
    when(PostEntry("main", (EntryLine(1000, "debit", "1.00"), EntryLine(3000, "credit", "0.99")), "because"))
    assert then.refused("entry_unbalanced") == {"difference": "0.01"}


@pytest.mark.rule("M2")
def test_a_balance_beyond_64_bits_is_refused(given: Given, when: When, then: Then) -> None:
    full = PostEntry("main", (EntryLine(1000, "debit", "9000000000"), EntryLine(3000, "credit", "9000000000")), "x")
    given(full)
    when(full)
    then.refused("amount_out_of_range")


def test_an_amount_that_is_none_says_where_it_stood(when: When, then: Then) -> None:
    when(PostEntry("main", (CASH, EntryLine(3000, "credit", "3,00")), "because"))
    then.invalid("invalid_amount", "/lines/1/amount")


@pytest.mark.rule("A5")
def test_an_unknown_account_is_not_found(when: When, then: Then) -> None:
    when(PostEntry("nobody", (CASH, EQUITY, FEE), "because"))
    then.refused("account_not_found")
