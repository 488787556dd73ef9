"""A schedule buys credit as well, whatever the balance: once a day, week or month of the account's zone (L6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.limits.spending import DAY, HOUR, NOON, USD, Spending
from domain.rehearsal import SECOND
from domain.usage.metered_ledger import ACCOUNT
from usage_ledger.accounts.commands import GrantCredits, OpenAccount
from usage_ledger.accounts.lifecycle.commands import ResumeAccount, SuspendAccount
from usage_ledger.accounts.limits.commands import CompleteTopup, ConfigureAutoTopup, FailTopup
from usage_ledger.accounts.limits.events import AutoTopupTriggered
from usage_ledger.timeline import END

pytestmark = [pytest.mark.rule("L6"), pytest.mark.rule("C6")]

MIDNIGHT = NOON + 12 * HOUR
"""2026-04-08T00:00:00Z, a Wednesday."""

LEASE = 900 * SECOND
FIRST, SECOND_ID = "topup/acc/1", "topup/acc/2"


@pytest.fixture
def daily() -> Spending:
    """An account with 100 USD that buys 5 USD a day, however much it has."""
    spending = Spending()
    configure(spending)
    return spending


def configure(spending: Spending, schedule: str | None = "day", **fields: Any) -> None:
    terms: dict[str, Any] = {"threshold": "0.00", "amount": "5.00", "schedule": schedule}
    spending.ledger.given(ConfigureAutoTopup("acc", **{**terms, **fields}))


def look(spending: Spending, at: int) -> None:
    """A command at the instant that records nothing of its own."""
    spending.ledger.clock.instant = at
    spending.ledger.given(ResumeAccount("acc", "nothing"))


def turns(spending: Spending) -> list[tuple[str, str]]:
    return [(event.topup_id, event.trigger) for event in spending.recorded(AutoTopupTriggered)]


def test_it_triggers_when_its_time_comes_and_not_before(daily: Spending) -> None:
    look(daily, MIDNIGHT - 1)
    assert turns(daily) == []
    assert daily.account().next_due == MIDNIGHT
    look(daily, MIDNIGHT)
    (event,) = daily.recorded(AutoTopupTriggered)
    assert (event.trigger, event.topup_id, event.amount, event.balance) == ("schedule", FIRST, 5 * USD, 100 * USD)
    assert event.lease_until == MIDNIGHT + LEASE


def test_it_is_the_clocks_and_has_a_command_id_of_its_own(daily: Spending) -> None:
    look(daily, MIDNIGHT + HOUR)
    ((envelope, _),) = [each for each in daily.ledger.recorded(ACCOUNT) if isinstance(each[1], AutoTopupTriggered)]
    assert (envelope.command_id, envelope.source) == (f"topup-schedule/acc/{MIDNIGHT}", "clock")
    assert envelope.occurred_at == MIDNIGHT


@pytest.mark.parametrize(
    ("schedule", "days"),
    [("day", 0), ("week", 5), ("month", 23)],
)
def test_it_follows_the_calendar(daily: Spending, schedule: str, days: int) -> None:
    configure(daily, schedule)
    assert daily.account().next_due == MIDNIGHT + days * DAY


def test_midnight_is_that_of_the_accounts_zone() -> None:
    spending = Spending()
    spending.ledger.given(OpenAccount("berlin", "org", "USD", zone="Europe/Berlin"))
    spending.ledger.given(ConfigureAutoTopup("berlin", "0.00", "5.00", schedule="day"))
    spending.ledger.clock.instant = MIDNIGHT - 2 * HOUR
    spending.ledger.given(ResumeAccount("berlin", "nothing"))
    assert [type(event) for event in spending.ledger.events("t1/account-berlin")][-1] is AutoTopupTriggered


@pytest.mark.parametrize("end", [CompleteTopup("acc", FIRST), FailTopup("acc", FIRST)], ids=["paid", "failed"])
def test_it_goes_on_whether_the_payment_came_or_failed(daily: Spending, end: Any) -> None:
    look(daily, MIDNIGHT)
    daily.ledger.given(end)
    look(daily, MIDNIGHT + HOUR)
    assert turns(daily) == [(FIRST, "schedule")]
    look(daily, MIDNIGHT + DAY)
    assert turns(daily) == [(FIRST, "schedule"), (SECOND_ID, "schedule")]


def test_what_nobody_answered_is_named_again_at_the_next_time(daily: Spending) -> None:
    look(daily, MIDNIGHT)
    look(daily, MIDNIGHT + DAY)
    assert turns(daily) == [(FIRST, "schedule"), (FIRST, "schedule")]
    assert daily.types()[-2:] == ["AutoTopupLeaseExpired", "AutoTopupTriggered"]


def test_noticed_late_it_comes_to_the_same() -> None:
    histories: list[list[Any]] = []
    for step in (HOUR // 2, 50 * HOUR):
        spending = Spending()
        configure(spending, threshold="99.00")
        spending.ledger.given(GrantCredits("acc", "5.00", "promo", "r", priority=0, expires_at=MIDNIGHT + 30 * HOUR))
        spending.spend(4)
        for at in range(MIDNIGHT, MIDNIGHT + 100 * HOUR + 1, step):
            look(spending, at)
        recorded = spending.ledger.recorded(ACCOUNT)
        histories.append(
            [(each.command_id, each.occurred_at, said) for each, said in recorded if each.source == "clock"]
        )
    punctual, late = histories
    assert punctual == late
    triggers = [(said.topup_id, said.trigger) for *_, said in late if isinstance(said, AutoTopupTriggered)]
    assert triggers == [(FIRST, "schedule")] * 5


def test_what_a_late_expiry_sets_off_has_its_lease_from_the_expiry_on(daily: Spending) -> None:
    configure(daily, None, threshold="102.00")
    gone = MIDNIGHT + HOUR
    daily.ledger.given(GrantCredits("acc", "5.00", "promo", "r", expires_at=gone))
    look(daily, gone + DAY)
    assert [event.lease_until for event in daily.recorded(AutoTopupTriggered)] == [gone + LEASE]
    assert daily.types()[-3:] == ["CreditsExpired", "AutoTopupTriggered", "AutoTopupLeaseExpired"]


def test_its_time_is_skipped_while_a_top_up_is_in_flight(daily: Spending) -> None:
    configure(daily, threshold="100.00")
    daily.ledger.clock.instant = MIDNIGHT - 60 * SECOND
    daily.spend(1)
    look(daily, MIDNIGHT + 60 * SECOND)
    daily.ledger.given(CompleteTopup("acc", FIRST))
    look(daily, MIDNIGHT + 120 * SECOND)
    assert turns(daily) == [(FIRST, "balance")]
    assert daily.account().next_due == MIDNIGHT + DAY


@pytest.mark.parametrize("noticed", [MIDNIGHT + LEASE, MIDNIGHT + DAY - 1])
def test_a_lease_that_lapses_late_skips_what_came_before_and_nothing_after(daily: Spending, noticed: int) -> None:
    """Triggered a minute before midnight, it lapses after it; when that is noticed makes no difference."""
    configure(daily, threshold="100.00")
    daily.ledger.clock.instant = MIDNIGHT - 60 * SECOND
    daily.spend(1)
    look(daily, noticed)
    assert turns(daily) == [(FIRST, "balance")]
    look(daily, MIDNIGHT + DAY)
    assert turns(daily) == [(FIRST, "balance"), (FIRST, "schedule")]


def test_its_time_is_skipped_while_the_account_is_suspended(daily: Spending) -> None:
    daily.ledger.given(SuspendAccount("acc", "manual"))
    look(daily, MIDNIGHT + HOUR)
    assert daily.account().next_due == END
    daily.ledger.given(ResumeAccount("acc", "manual"))
    look(daily, MIDNIGHT + 2 * HOUR)
    assert turns(daily) == []
    assert daily.account().next_due == MIDNIGHT + DAY


def test_times_that_would_pass_the_months_cap_are_skipped(daily: Spending) -> None:
    configure(daily, monthly_cap="9.00")
    look(daily, MIDNIGHT)
    daily.ledger.given(CompleteTopup("acc", FIRST))
    look(daily, MIDNIGHT + 10 * DAY)
    assert turns(daily) == [(FIRST, "schedule")]
    assert daily.account().next_due == MIDNIGHT + 23 * DAY, "1 May"


def test_of_weeks_the_first_after_the_month_ended_has_its_turn(daily: Spending) -> None:
    configure(daily, "week", monthly_cap="5.00")
    look(daily, MIDNIGHT + 5 * DAY)
    daily.ledger.given(CompleteTopup("acc", FIRST))
    assert daily.account().next_due == MIDNIGHT + 26 * DAY, "4 May, a Monday"


def test_a_cap_below_the_amount_leaves_it_no_time(daily: Spending) -> None:
    configure(daily, monthly_cap="4.00")
    assert daily.account().next_due == END


@pytest.mark.parametrize("terms", [{"schedule": None}, {"enabled": False}])
def test_without_a_schedule_or_disabled_nothing_comes(daily: Spending, terms: dict[str, Any]) -> None:
    configure(daily, **terms)
    assert daily.account().next_due == END
    look(daily, MIDNIGHT + DAY)
    assert turns(daily) == []


def test_a_third_failure_in_a_row_ends_it(daily: Spending) -> None:
    for number in range(3):
        look(daily, MIDNIGHT + number * DAY)
        daily.ledger.given(FailTopup("acc", f"topup/acc/{number + 1}"))
    assert daily.types()[-1] == "AutoTopupDisabled"
    assert daily.account().next_due == END
