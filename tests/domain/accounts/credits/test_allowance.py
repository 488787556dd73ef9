"""A plan's allowance is given once a period, and what the plan lets roll over outlives it by one period (C10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.credits.events import CreditsExpired, CreditsRolledOver, GrantScheduled
from usage_ledger.accounts.credits.periods import period_of
from usage_ledger.accounts.events import Allowance, CreditsGranted, Rollover

pytestmark = pytest.mark.rule("C10")
UNIT = 10**9


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**6


APRIL, MAY, JUNE = at("2026-04-01"), at("2026-05-01"), at("2026-06-01")


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    given(OpenAccount(account_id="main", owner_kind="org", currency="USD"))


def march(**fields: Any) -> GrantAllowance:
    terms = {"account_id": "main", "plan": "team", "period": "2026-03", "amount": "100.00", "rollover": "capped:50.00"}
    return GrantAllowance(**terms | fields)


def look(when: When, instant: int) -> None:
    when(ReportPaymentFailure("main", f"probe/{instant}"), at=instant)


def test_it_is_granted_until_the_period_ends(when: When, then: Then) -> None:
    when(march())
    granted = then.recorded(CreditsGranted)
    assert (granted.kind, granted.amount, granted.expires_at) == ("allowance", 100 * UNIT, APRIL)
    assert granted.allowance == Allowance("team", "2026-03", Rollover(50 * UNIT, MAY))


def test_a_repeat_is_a_duplicate_even_when_the_period_is_over(given: Given, when: When, then: Then) -> None:
    given(march())
    when(march(rollover="none", amount="7.00"))
    then.duplicate()
    when(march(rollover="none"), at=APRIL)
    assert then.duplicate()["amount"] == "100.00"


@pytest.mark.rule("C9")
def test_it_is_unique_like_any_other_grant(given: Given, when: When, then: Then) -> None:
    given(march(period="2026-04"))
    when(GrantCredits("main", "1.00", "allowance", "by hand", reference="team/2026-04"))
    then.refused("grant_conflict")
    given(GrantCredits("main", "1.00", "allowance", "by hand", reference="team/2026-03"))
    when(march())
    then.refused("grant_conflict")


@pytest.mark.parametrize("other", [{"plan": "pro"}, {"period": "2026-03@02"}])
def test_another_plan_or_period_is_another_allowance(
    given: Given, when: When, then: Then, other: dict[str, str]
) -> None:
    given(march())
    when(march(**other))
    then.accepted()


def test_however_late_in_the_period_it_is_the_whole(when: When, then: Then) -> None:
    when(march(), at=APRIL - 1)
    assert then.recorded(CreditsGranted).lot_amount == 100 * UNIT


def test_when_the_period_is_over_it_is_refused(when: When, then: Then) -> None:
    when(march(), at=APRIL)
    then.refused("period_over")


def test_one_of_a_period_to_come_is_scheduled(when: When, then: Then, account: Account) -> None:
    when(march(period="2026-04"))
    assert then.recorded(GrantScheduled).effective_at == APRIL
    look(when, APRIL)
    assert (account.balance, account.lots[0].rollover) == (100 * UNIT, Rollover(50 * UNIT, JUNE))


def test_at_its_end_the_capped_part_rolls_over_and_the_rest_expires(
    given: Given, when: When, charge: Charge, ledger: LedgerInMemory, account: Account
) -> None:
    given(march())
    charge(10 * UNIT)
    look(when, APRIL)
    [(rolling, rolled), (expiring, expired)] = ledger.due
    assert (rolling, expiring) == ("lot-rollover/main/lot-2", "lot-expiry/main/lot-2")
    assert isinstance(rolled, CreditsRolledOver)
    assert (rolled.from_lot, rolled.to_lot, rolled.amount, rolled.balance_after) == (
        "lot-2",
        "lot-2+",
        50 * UNIT,
        90 * UNIT,
    )
    assert isinstance(expired, CreditsExpired)
    assert (expired.lot, expired.amount) == ("lot-2", 40 * UNIT)
    assert [(lot.lot, lot.kind, lot.remaining, lot.expires_at) for lot in account.lots] == [
        ("lot-2+", "allowance", 50 * UNIT, MAY)
    ]


@pytest.mark.parametrize(
    ("rollover", "left"),
    [("none", 0), ("capped:0", 0), ("capped:0.000000001", 1), ("capped:200", 90 * UNIT), ("full", 90 * UNIT)],
)
def test_the_plan_says_how_much_rolls_over(
    given: Given, when: When, charge: Charge, account: Account, rollover: str, left: int
) -> None:
    given(march(rollover=rollover))
    charge(10 * UNIT)
    look(when, APRIL)
    assert account.balance == left


def test_it_rolls_over_once(given: Given, when: When, account: Account, ledger: LedgerInMemory) -> None:
    given(march(rollover="full"))
    look(when, MAY)
    assert [type(payload).__name__ for _, payload in ledger.due] == [
        "CreditsRolledOver",
        "CreditsExpired",
        "CreditsExhausted",
    ]
    assert account.balance == 0


def test_a_used_up_allowance_ends_without_a_trace(
    given: Given, when: When, charge: Charge, ledger: LedgerInMemory
) -> None:
    given(march())
    charge(100 * UNIT)
    look(when, APRIL)
    assert ledger.due == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("capped:-1", "invalid_rollover"),
        ("capped:1e3", "invalid_amount"),
        ("capped:0.0000000001", "amount_too_precise"),
    ],
)
def test_a_cap_that_is_none_is_refused(when: When, then: Then, text: str, code: str) -> None:
    when(march(rollover=text))
    then.invalid(code, "/rollover")


@pytest.mark.parametrize("period", ["2026", "2026-00", "2026-13", "2026-03@32", "2026-03@1", "1999-01", "2026-03\n"])
def test_a_period_that_is_none_is_refused(when: When, then: Then, period: str) -> None:
    when(march(period=period))
    then.invalid("invalid_period", "/period")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"account_id": "nobody"}, "account_not_found"),
        ({"amount": "0"}, "amount_not_positive"),
        ({"currency": "EUR"}, "currency_mismatch"),
    ],
)
def test_an_allowance_that_no_account_can_take_is_refused(
    when: When, then: Then, fields: dict[str, str], code: str
) -> None:
    when(march(**fields))
    then.refused(code)


@pytest.mark.parametrize(
    ("name", "zone", "start", "end", "next_end"),
    [
        ("2026-03", "UTC", "2026-03-01", "2026-04-01", "2026-05-01"),
        ("2026-12", "UTC", "2026-12-01", "2027-01-01", "2027-02-01"),
        ("2026-03", "Europe/Berlin", "2026-02-28T23:00", "2026-03-31T22:00", "2026-04-30T22:00"),
        ("2026-03@15", "UTC", "2026-03-15", "2026-04-15", "2026-05-15"),
        ("2026-01@31", "UTC", "2026-01-31", "2026-02-28", "2026-03-31"),
        ("2026-02@31", "UTC", "2026-02-28", "2026-03-31", "2026-04-30"),
        ("2028-02@30", "America/New_York", "2028-02-29T05:00", "2028-03-30T04:00", "2028-04-30T04:00"),
    ],
)
def test_periods_begin_and_end_at_the_zones_midnight(name: str, zone: str, start: str, end: str, next_end: str) -> None:
    assert period_of(name, zone) == (at(start), at(end), at(next_end))


def test_a_period_ends_at_midnight_of_the_accounts_zone(given: Given, when: When, then: Then) -> None:
    given(OpenAccount(account_id="tokyo", owner_kind="org", currency="USD", zone="Asia/Tokyo"))
    when(march(account_id="tokyo"), at=at("2026-03-31T15:00"))
    then.refused("period_over")


def test_the_clock_of_these_tests_is_in_march() -> None:
    assert APRIL - 31 * DAY < NOON < APRIL
