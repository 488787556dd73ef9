"""A grant for a time to come posts when that time has come, once (C9)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import ReportPaymentFailure
from usage_ledger.accounts.credits.events import GrantScheduled
from usage_ledger.accounts.events import CreditsGranted
from usage_ledger.timeline import END

pytestmark = pytest.mark.rule("C9")
UNIT = 10**9


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


def tomorrows(**fields: Any) -> GrantCredits:
    promo = {"account_id": "main", "amount": "1.00", "kind": "promo", "reason": "spring", "reference": "spring-26"}
    return GrantCredits(**promo | {"effective_at": NOON + DAY} | fields)


def look(when: When, at: int) -> None:
    when(ReportPaymentFailure("main", f"probe/{at}"), at=at)


def test_it_is_scheduled_and_posts_nothing_yet(when: When, then: Then, account: Account) -> None:
    when(tomorrows(expires_at=NOON + 2 * DAY, priority=7))
    assert then.recorded(GrantScheduled) == GrantScheduled(
        account_id="main",
        currency="USD",
        kind="promo",
        amount=UNIT,
        reference="spring-26",
        reason="spring",
        priority=7,
        effective_at=NOON + DAY,
        expires_at=NOON + 2 * DAY,
    )
    assert then.accepted().scheduled
    assert (account.balance, account.next_due) == (0, NOON + DAY)


def test_it_posts_at_its_time_under_the_clocks_own_id(
    given: Given, when: When, ledger: LedgerInMemory, account: Account
) -> None:
    given(tomorrows(expires_at=NOON + 2 * DAY, priority=7))
    look(when, NOON + DAY)
    [(command_id, granted)] = ledger.due
    assert command_id == "activate-grant/main/2"
    assert isinstance(granted, CreditsGranted)
    assert (granted.lot, granted.effective_at, granted.reference) == ("lot-3", NOON + DAY, "spring-26")
    assert (account.lots[0].priority, account.lots[0].expires_at, account.balance) == (7, NOON + 2 * DAY, UNIT)


def test_it_posts_once(given: Given, when: When, account: Account) -> None:
    given(tomorrows())
    look(when, NOON + DAY)
    look(when, NOON + 2 * DAY)
    assert (account.balance, account.next_due) == (UNIT, END)


def test_debt_at_its_time_comes_first(given: Given, when: When, charge: Charge, account: Account) -> None:
    given(tomorrows())
    charge(UNIT // 4)
    look(when, NOON + DAY)
    assert (account.overdraft, account.balance) == (0, 3 * UNIT // 4)


def test_a_repeat_is_a_duplicate_before_and_after_its_time(given: Given, when: When, then: Then) -> None:
    given(tomorrows())
    when(tomorrows())
    assert then.duplicate()["scheduled"]
    when(tomorrows(), at=NOON + DAY)
    then.duplicate()


def test_noticed_very_late_it_posts_and_expires(given: Given, when: When, ledger: LedgerInMemory) -> None:
    given(tomorrows(expires_at=NOON + 2 * DAY))
    look(when, NOON + 9 * DAY)
    names = [type(payload).__name__ for _, payload in ledger.due]
    assert names == ["CreditsGranted", "CreditsExpired", "CreditsExhausted"]


def test_those_of_one_instant_post_as_they_were_scheduled(given: Given, when: When, ledger: LedgerInMemory) -> None:
    given(tomorrows(reference="b"), tomorrows(reference="a"), tomorrows(reference="c", effective_at=NOON + 1))
    look(when, NOON + DAY)
    granted = [payload.reference for _, payload in ledger.due if isinstance(payload, CreditsGranted)]
    assert granted == ["c", "b", "a"]


def test_one_that_begins_now_or_began_before_posts_at_once(when: When, then: Then, account: Account) -> None:
    when(tomorrows(effective_at=NOON))
    then.recorded(CreditsGranted)
    when(tomorrows(effective_at=NOON - DAY, reference="before"))
    then.recorded(CreditsGranted)
    assert [lot.effective_at for lot in account.lots] == [NOON - DAY, NOON]


@pytest.mark.rule("C6")
@pytest.mark.parametrize("fields", [{"expires_at": NOON + DAY}, {"effective_at": None, "expires_at": NOON}])
def test_credit_that_could_never_be_used_is_refused(when: When, then: Then, fields: dict[str, Any]) -> None:
    when(tomorrows(**fields))
    then.refused("expires_in_past")


@pytest.mark.rule("M2")
@pytest.mark.rule("C6")
def test_one_that_would_pass_64_bits_waits_until_it_fits_and_no_command_is_refused_for_it(
    given: Given, when: When, then: Then
) -> None:
    given(RecordPurchase("main", "9223372036.00", "card/1"), tomorrows())
    when(AdjustBalance("main", "-10.00", "too much", "boss"), at=NOON + DAY)
    assert then.accepted().posted == "9223372026.00"
    when(ApplyDueChanges("main"))
    assert then.accepted().next_due is None
