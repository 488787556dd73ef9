"""Credit expires at its time, in whole or as far as it is left, once, and nothing else with it (C6, C7)."""

from __future__ import annotations

import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, LedgerInMemory, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import ReportPaymentFailure
from usage_ledger.accounts.credits.events import CreditsExpired
from usage_ledger.accounts.journal import JournalEntry, JournalLine
from usage_ledger.accounts.limits.events import CreditsExhausted
from usage_ledger.timeline import END

UNIT = 10**9


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


def gift(amount: str = "5.00", expires_at: int = NOON + DAY, reference: str = "gift") -> GrantCredits:
    return GrantCredits("main", amount, "promo", "spring", reference=reference, expires_at=expires_at)


def look(when: When, at: int) -> None:
    """Any command of the account, which lets everything happen that is due."""
    when(ReportPaymentFailure("main", f"probe/{at}"), at=at)


@pytest.mark.rule("C7")
def test_an_expiring_lot_loses_exactly_its_remainder(
    given: Given, when: When, charge: Charge, ledger: LedgerInMemory
) -> None:
    given(gift())
    charge(3 * UNIT)
    look(when, NOON + DAY)
    expired = CreditsExpired(
        account_id="main",
        currency="USD",
        lot="lot-2",
        amount=2 * UNIT,
        entries=(
            JournalEntry(
                "expiry", (JournalLine(2000, "debit", 2 * UNIT, "lot-2"), JournalLine(4060, "credit", 2 * UNIT))
            ),
        ),
        balance_after=0,
        held_after=0,
    )
    assert ledger.due == [
        ("lot-expiry/main/lot-2", expired),
        ("lot-expiry/main/lot-2", CreditsExhausted("main", "USD", 0)),
    ]


@pytest.mark.rule("C7")
def test_it_expires_once(given: Given, when: When, ledger: LedgerInMemory) -> None:
    given(gift())
    look(when, NOON + DAY)
    look(when, NOON + 2 * DAY)
    assert [type(payload) for _, payload in ledger.due] == [CreditsExpired, CreditsExhausted]


@pytest.mark.rule("C6")
def test_it_occurred_at_its_time_however_late_that_was_noticed(
    given: Given, when: When, ledger: LedgerInMemory
) -> None:
    given(gift())
    look(when, NOON + 9 * DAY)
    assert NOON + DAY in ledger.occurred_at


@pytest.mark.rule("C4")
def test_it_is_usable_until_a_microsecond_before(given: Given, when: When, ledger: LedgerInMemory) -> None:
    given(gift())
    look(when, NOON + DAY - 1)
    assert ledger.due == []


@pytest.mark.rule("C7")
def test_a_drained_lot_does_not_expire(
    given: Given, when: When, charge: Charge, ledger: LedgerInMemory, account: Account
) -> None:
    given(gift())
    charge(5 * UNIT)
    assert account.next_due == END
    look(when, NOON + DAY)
    assert ledger.due == []


@pytest.mark.rule("C7")
def test_it_touches_no_other_lot(given: Given, when: When, account: Account) -> None:
    given(RecordPurchase("main", "10.00", "card/1"), gift(), gift("1.00", NOON + 2 * DAY, "later"))
    look(when, NOON + DAY)
    assert {lot.lot: lot.remaining for lot in account.lots} == {"lot-2": 10 * UNIT, "lot-4": UNIT}
    assert account.next_due == NOON + 2 * DAY


@pytest.mark.rule("C7")
def test_it_never_reduces_debt(given: Given, when: When, charge: Charge, account: Account) -> None:
    given(gift())
    charge(7 * UNIT)
    look(when, NOON + DAY)
    assert (account.overdraft, account.balance) == (2 * UNIT, -2 * UNIT)


@pytest.mark.rule("C6")
def test_of_several_the_first_to_expire_goes_first(given: Given, when: When, ledger: LedgerInMemory) -> None:
    given(gift("1.00", NOON + 2 * DAY, "later"), gift("2.00", NOON + DAY, "sooner"), gift("3.00", NOON + DAY, "again"))
    look(when, NOON + 3 * DAY)
    expired = [payload.lot for _, payload in ledger.due if isinstance(payload, CreditsExpired)]
    assert expired == ["lot-3", "lot-4", "lot-2"]


@pytest.mark.rule("C6")
def test_what_expired_pays_nothing_of_the_command_that_comes_after(given: Given, when: When, account: Account) -> None:
    given(gift())
    when(GrantCredits("main", "1.00", "promo", "later"), at=NOON + DAY)
    assert account.balance == UNIT


def test_what_expired_stays_findable(given: Given, when: When, account: Account) -> None:
    given(gift())
    look(when, NOON + DAY)
    lot = account.drained["lot-2"]
    assert (lot.kind, lot.priority, lot.remaining, lot.expires_at) == ("promo", 50, 0, NOON + DAY)
