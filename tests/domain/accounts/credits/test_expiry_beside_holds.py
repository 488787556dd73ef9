"""Credit that open holds need does not expire before they are closed, and then it does at once (C7, H8)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import STREAM
from domain.accounts.reserved import hold_placed, hold_released
from domain.given import DAY, NOON, SOURCE, TENANT, DecisionInMemory, Fact, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.commands import GrantAllowance
from usage_ledger.accounts.credits.events import CreditsExpired, CreditsRolledOver
from usage_ledger.accounts.due_changes import append_due_changes
from usage_ledger.accounts.holds.events import HoldExpired, HoldReleased
from usage_ledger.accounts.lifecycle.events import AccountResumed
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute
from usage_ledger.accounts.refunds.events import DisputeWon
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.accounts.transfers.events import CreditsTransferredIn, CreditsTransferredOut
from usage_ledger.timeline import END

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
    assert [command_id for command_id, _ in ledger.due] == ["lot-expiry/main/lot-2", *["hold-expiry/h1"] * 3]
    assert ledger.occurred_at[-4:] == [EXPIRY, *[EXPIRY + 60] * 3]


def test_the_change_that_ends_the_hold_takes_it_along_however_few_are_done_at_a_time(
    given: Given, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 5, EXPIRY + 60)
    ledger.now = EXPIRY + 60
    append_due_changes(DecisionInMemory(ledger, TENANT, SOURCE, "look"), account, at_most=1)
    assert due(ledger) == [HoldExpired, CreditsExpired, CreditsExhausted]


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


INCOMING = [
    RecordPurchase("main", "4.00", "card/1"),
    GrantCredits("main", "4.00", "promo", "summer"),
    AdjustBalance("main", "4.00", "goodwill", "op-1"),
    TransferCredits("t1", "main", "4.00", "other"),
]


@pytest.mark.parametrize("late", [0, 60])
@pytest.mark.parametrize("incoming", INCOMING, ids=lambda command: type(command).__name__)
def test_credit_that_comes_in_does_not_free_what_was_kept(
    given: Given, when: When, account: Account, ledger: LedgerInMemory, incoming: Any, late: int
) -> None:
    given(OpenAccount("other", "org", "USD"), RecordPurchase("other", "4.00", "card/2"))
    hold(given, account, 5)
    recorded = [type(payload) for _, payload in when(incoming, at=EXPIRY + late).recorded]
    assert recorded
    assert CreditsExpired not in recorded
    look(when, EXPIRY + DAY)
    assert (due(ledger), account.available) == ([], 4 * UNIT)
    assert account.next_due == NOON + 9 * DAY


@pytest.mark.rule("L5")
def test_what_was_kept_expires_with_the_hold_though_credit_came_in_meanwhile(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    hold(given, account, 5)
    given(RecordPurchase("main", "4.00", "card/1"), at=EXPIRY + 60)
    decision = DecisionInMemory(ledger, TENANT, SOURCE, "release")
    record_on_account(decision, account, hold_released(account, "h1"))
    assert [type(payload) for _, payload in decision.recorded] == [HoldReleased, CreditsExpired]
    assert [(lot.kind, lot.remaining) for lot in account.lots] == [("purchase", 4 * UNIT)]


def test_credit_that_comes_in_before_its_expiry_frees_it(given: Given, when: When, account: Account) -> None:
    hold(given, account, 5)
    given(RecordPurchase("main", "4.00", "card/1"))
    look(when, EXPIRY)
    assert {lot.kind: lot.remaining for lot in account.lots} == {"promo": UNIT, "purchase": 4 * UNIT}


@pytest.mark.rule("C6")
@pytest.mark.parametrize(("effective_at", "left"), [(EXPIRY, UNIT), (EXPIRY + 1, 5 * UNIT)])
def test_a_grant_to_come_frees_only_what_expires_at_its_time_or_after_it(
    given: Given, when: When, account: Account, effective_at: int, left: int
) -> None:
    given(GrantCredits("main", "4.00", "admin", "later", effective_at=effective_at))
    hold(given, account, 5)
    look(when, EXPIRY + DAY)
    assert {lot.kind: lot.remaining for lot in account.lots} == {"promo": left, "admin": 4 * UNIT}


@pytest.mark.rule("C14")
def test_what_was_kept_is_not_transferred(given: Given, when: When, then: Then, account: Account) -> None:
    given(OpenAccount("other", "org", "USD"), RecordPurchase("main", "2.00", "card/1", expires_at=EXPIRY, priority=0))
    hold(given, account, 7)
    given(RecordPurchase("main", "4.00", "card/2"), at=EXPIRY + 60)
    when(TransferCredits("t1", "other", "4.01", "main"))
    then.refused("insufficient_transferable")
    when(TransferCredits("t1", "other", "4.00", "main"))
    assert [lot.lot for lot in then.recorded(CreditsTransferredOut, CreditsTransferredIn)[0].lots] == ["lot-5"]


@pytest.mark.rule("C12")
def test_of_a_lot_that_holds_keep_only_what_is_returned_expires_at_once(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "3.00", "card/1", expires_at=EXPIRY, priority=0))
    given(OpenDispute("main", "d1", "card/1", "1.00"))
    hold(given, account, 7)
    given(RecordPurchase("main", "4.00", "card/2"), at=EXPIRY + 60)
    when(CloseDispute("d1", "won"))
    _, expired, _ = then.recorded(DisputeWon, CreditsExpired, AccountResumed)
    assert (expired.lot, expired.amount, account.available) == ("lot-3", UNIT, 4 * UNIT)


@pytest.mark.rule("C12")
def test_what_is_returned_elsewhere_does_not_free_what_was_kept(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "3.00", "card/1", priority=0), OpenDispute("main", "d1", "card/1", "1.00"))
    hold(given, account, 7)
    when(CloseDispute("d1", "won"), at=EXPIRY + 60)
    then.recorded(DisputeWon, AccountResumed)
    assert (account.available, account.next_due) == (UNIT, NOON + 9 * DAY)


@pytest.mark.rule("C12")
def test_what_is_returned_too_late_and_needed_by_holds_has_no_turn_again(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(RecordPurchase("main", "3.00", "card/1", expires_at=EXPIRY, priority=0), OpenDispute("main", "d1", "card/1"))
    hold(given, account, 9)
    when(CloseDispute("d1", "won"), at=EXPIRY + 60)
    then.recorded(DisputeWon, AccountResumed)
    assert (account.balance, account.lot_book.next_expiry) == (8 * UNIT, END)


@pytest.mark.rule("C10")
def test_what_rolls_over_when_a_hold_ends_does_not_expire_with_it(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    given(GrantAllowance("main", "team", "2026-03", "4.00", "full"))
    period_end = account.lot_book.next_rollover
    hold(given, account, 9, period_end)
    look(when, NOON + 40 * DAY)
    assert due(ledger) == [HoldExpired, CreditsExpired, CreditsRolledOver]


@pytest.mark.rule("C10")
def test_what_rolls_over_stays_credit_so_that_holds_do_not_stop_it(
    given: Given, when: When, account: Account, ledger: LedgerInMemory
) -> None:
    given(GrantAllowance("main", "team", "2026-03", "4.00", "capped:3.00"))
    hold(given, account, 9, NOON + 60 * DAY)
    look(when, NOON + 40 * DAY)
    assert due(ledger) == [CreditsRolledOver]
    assert {lot.lot: lot.remaining for lot in account.lots} == {"lot-2": 5 * UNIT, "lot-3": UNIT, "lot-3+": 3 * UNIT}
