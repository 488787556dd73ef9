"""Credit that open holds need does not expire before they are closed, and then it does at once (C7, H8)."""

from __future__ import annotations

import pytest

from domain.accounts.conftest import STREAM
from domain.accounts.reserved import hold_placed, hold_released
from domain.given import DAY, NOON, SOURCE, TENANT, DecisionInMemory, Fact, Given, LedgerInMemory, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.commands import GrantAllowance
from usage_ledger.accounts.credits.events import CreditsExpired, CreditsRolledOver
from usage_ledger.accounts.holds.events import HoldExpired, HoldReleased
from usage_ledger.accounts.limits.events import CreditsExhausted

pytestmark = pytest.mark.rule("C7")
UNIT = 10**9
EXPIRY = NOON + DAY


@pytest.fixture(autouse=True)
def _gift(given: Given) -> None:
    given(
        OpenAccount(account_id="main", owner_kind="org", currency="USD"),
        GrantCredits("main", "5.00", "promo", "spring", expires_at=EXPIRY),
    )


def hold(given: Given, account: Account, units: int, expires_at: int = NOON + 9 * DAY, hold_id: str = "h1") -> None:
    given(Fact(STREAM, hold_placed(account, hold_id, units * UNIT, expires_at)))


def look(when: When, at: int) -> None:
    when(ApplyDueChanges("main"), at=at)


def due(ledger: LedgerInMemory) -> list[type]:
    return [type(payload) for _, payload in ledger.due]


def test_only_what_holds_leave_free_expires(given: Given, when: When, account: Account, ledger: LedgerInMemory) -> None:
    hold(given, account, 2)
    look(when, EXPIRY)
    assert due(ledger) == [CreditsExpired]
    assert (account.balance, account.available, account.lots[0].remaining) == (2 * UNIT, 0, 2 * UNIT)


def test_while_nothing_is_free_nothing_is_due(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 5)
    assert account.next_due == NOON + 9 * DAY
    look(when, EXPIRY)
    assert (due(ledger), account.balance) == ([], 5 * UNIT)


def test_credit_of_other_lots_backs_a_hold_as_well(given: Given, when: When, account: Account) -> None:
    given(RecordPurchase("main", "3.00", "card/1"))
    hold(given, account, 3)
    look(when, EXPIRY)
    assert [(lot.kind, lot.remaining) for lot in account.lots] == [("purchase", 3 * UNIT)]


def test_when_the_hold_expires_the_kept_credit_does(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 2, EXPIRY + 60)
    look(when, EXPIRY)
    look(when, EXPIRY + 60)
    assert due(ledger) == [CreditsExpired, HoldExpired, CreditsExpired, CreditsExhausted]
    assert account.balance == 0


def test_noticed_late_it_comes_to_the_same(given: Given, when: When, account: Account, ledger: LedgerInMemory) -> None:
    hold(given, account, 2, EXPIRY + 60)
    look(when, EXPIRY + DAY)
    assert due(ledger) == [CreditsExpired, HoldExpired, CreditsExpired, CreditsExhausted]
    assert [command_id for command_id, _ in ledger.due][:3] == [
        "lot-expiry/main/lot-2",
        "hold-expiry/h1",
        "lot-expiry/main/lot-2",
    ]


@pytest.mark.rule("L5")
def test_it_expires_in_the_append_that_releases_the_hold(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 2)
    look(when, EXPIRY)
    decision = DecisionInMemory(ledger, TENANT, SOURCE, "release")
    record_on_account(decision, account, hold_released(account, "h1"))
    assert [type(payload) for _, payload in decision.recorded] == [HoldReleased, CreditsExpired, CreditsExhausted]


def test_what_the_other_holds_need_is_still_kept(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 2, EXPIRY + 60)
    hold(given, account, 3, hold_id="h2")
    look(when, EXPIRY + 60)
    assert due(ledger) == [HoldExpired, CreditsExpired]
    assert (account.balance, account.available) == (3 * UNIT, 0)


def test_new_credit_frees_what_was_kept(given: Given, when: When, account: Account) -> None:
    hold(given, account, 5)
    bought = when(RecordPurchase("main", "4.00", "card/1"), at=EXPIRY + 60)
    assert [type(payload).__name__ for _, payload in bought.recorded] == ["PurchaseRecorded", "CreditsExpired"]
    assert {lot.kind: lot.remaining for lot in account.lots} == {"promo": UNIT, "purchase": 4 * UNIT}


@pytest.mark.rule("C10")
def test_what_rolls_over_stays_credit_so_that_holds_do_not_stop_it(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    given(GrantAllowance("main", "team", "2026-03", "4.00", "capped:3.00"))
    hold(given, account, 9, NOON + 60 * DAY)
    look(when, NOON + 40 * DAY)
    assert due(ledger) == [CreditsRolledOver]
    assert {lot.lot: lot.remaining for lot in account.lots} == {"lot-2": 5 * UNIT, "lot-3": UNIT, "lot-3+": 3 * UNIT}
