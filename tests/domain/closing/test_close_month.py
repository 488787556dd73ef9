"""Accounting months: closed when they are over; what comes late posts to the first open one and says so (U6)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import DAY, NOON, Given, LedgerInMemory, Then, When
from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import lines, metered_ledger, price, record, usage_events
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.events import SuspendedUsageRated
from usage_ledger.closing.closed_months import ClosedMonths
from usage_ledger.closing.commands import CloseMonth
from usage_ledger.closing.events import MonthClosed

MARCH_ENDS = 1_775_001_600_000_000  # 2026-04-01T00:00:00Z


@pytest.mark.rule("U6")
def test_a_month_that_is_over_is_closed(when: When, then: Then, ledger: LedgerInMemory) -> None:
    happened = when(CloseMonth("2026-03"), at=MARCH_ENDS)
    assert then.recorded(MonthClosed) == MonthClosed("2026-03", MARCH_ENDS)
    assert [stream for stream, _ in happened.recorded] == ["platform/months"]
    assert ledger.facts.months.posting(NOON).month == "2026-04"


@pytest.mark.parametrize("at", [NOON, MARCH_ENDS - 1])
def test_a_month_that_is_not_over_is_not_closed(when: When, then: Then, at: int) -> None:
    when(CloseMonth("2026-03"), at=at)
    then.refused("month_not_over")


def test_a_month_is_closed_once(given: Given, when: When, then: Then) -> None:
    given(CloseMonth("2026-02"))
    when(CloseMonth("2026-02"))
    then.refused("already_closed")


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "1969-12", "9999-01", ""])
def test_a_text_that_is_no_month_is_refused(when: When, then: Then, month: str) -> None:
    when(CloseMonth(month))
    then.invalid("invalid_value", "/month")


@pytest.mark.rule("U6")
@pytest.mark.parametrize(
    ("closed", "days", "month"),
    [
        ([], 0, None),
        (["2026-02"], 0, None),
        (["2026-02"], -1, None),
        (["2026-02"], -2, "2026-03"),
        (["2026-02", "2026-03"], -2, "2026-04"),
        (["2026-02", "2026-01"], -40, "2026-03"),
        (["2026-02"], -40, None),
        (["2025-12"], -70, "2026-01"),
    ],
)
def test_usage_posts_to_the_first_month_after_its_own_that_is_open(
    closed: list[str], days: int, month: str | None
) -> None:
    months = ClosedMonths()
    for each in closed:
        months.apply(MonthClosed(each, NOON), NOON)
    occurred_at = NOON + days * DAY
    posting = months.posting(occurred_at)
    assert posting.month == month
    assert posting.since <= occurred_at < posting.until
    assert {months.posting(at).month for at in (posting.since, posting.until - 1)} == {month}


def test_what_is_closed_survives_a_snapshot() -> None:
    months = ClosedMonths()
    months.apply(MonthClosed("2026-02", NOON), NOON)
    restored = ClosedMonths.restore(months.snapshot(), months.version)
    assert restored.posting(NOON - 2 * DAY) == months.posting(NOON - 2 * DAY)
    assert restored.snapshot() == months.snapshot()


@pytest.fixture
def april() -> Rehearsal:
    """A ledger at the second of April; March is closed."""
    ledger = metered_ledger()
    ledger.wait(31 * DAY)
    ledger.given(CloseMonth("2026-03"), tenant="platform")
    return ledger


@pytest.mark.rule("U6")
def test_late_usage_of_a_closed_month_is_charged_and_marked(april: Rehearsal) -> None:
    (late, now) = record(april, {"id": "late", "occurred_at": MARCH_ENDS - 1}, {"id": "now", "occurred_at": MARCH_ENDS})
    assert (late["charged"], now["charged"]) == ("1.00", "1.00")
    assert [line.detail and line.detail.accounting_month for line in lines(april)] == ["2026-04", None]
    assert len(usage_events(april)) == 1


@pytest.mark.rule("U6")
def test_suspended_usage_is_marked_when_it_is_rated(april: Rehearsal) -> None:
    reactor = ReactorInMemory(april.store, april.clock)
    unpriced: dict[str, Any] = {"model": "acme/new", "occurred_at": MARCH_ENDS - 1}
    record(april, unpriced)
    april.given(price("acme/new", "new-1", {"input": "1"}, effective_from=0), tenant="platform")
    reactor.react()
    (event,) = [event for event in april.events("t1/account-acc") if isinstance(event, SuspendedUsageRated)]
    assert event.lines[0].detail is not None
    assert event.lines[0].detail.accounting_month == "2026-04"
