"""Calendar windows in a zone: [start, end), with days of 23 and 25 hours, and no instant left out (L1)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage_ledger.accounts.limits.windows import TOTAL, WindowKind, window_of

HOUR = 3_600_000_000

# Clocks that change at midnight, skip a whole day, move by half an hour, or stand at quarters of an hour.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
MIDNIGHT_ZONES = ["America/Havana", "Asia/Beirut", "America/Asuncion", "Africa/Cairo", "America/St_Johns"]

kinds = st.sampled_from(["day", "week", "month", "total"])
zones = st.sampled_from(ZONES + MIDNIGHT_ZONES)
instants = st.integers(min_value=0, max_value=4_102_444_800_000_000)


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.rule("L1")
@pytest.mark.parametrize(
    ("kind", "zone", "instant", "start", "end"),
    [
        ("day", "UTC", "2026-03-02T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        ("day", "UTC", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        ("week", "UTC", "2026-03-01T12:00:00Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z"),
        ("week", "UTC", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"),
        ("month", "UTC", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("day", "Europe/Berlin", "2026-03-01T23:30:00Z", "2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z"),
        ("month", "America/New_York", "2026-03-15T00:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
    ],
)
def test_a_window_is_the_calendars(kind: WindowKind, zone: str, instant: str, start: str, end: str) -> None:
    assert window_of(kind, zone, micros(instant)) == (micros(start), micros(end))


@pytest.mark.rule("L1")
@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_have_23_and_25_hours_where_the_clocks_change(day: str, hours: int) -> None:
    start, end = window_of("day", "Europe/Berlin", micros(f"{day}T12:00:00Z"))
    assert (end - start) // HOUR == hours


def test_a_day_that_a_zone_skipped_leaves_no_hole() -> None:
    """Apia had no 30 December 2011: the 29th ends where the 31st begins."""
    before = window_of("day", "Pacific/Apia", micros("2011-12-30T09:59:59Z"))
    after = window_of("day", "Pacific/Apia", micros("2011-12-30T10:00:00Z"))
    assert before.end == after.start == micros("2011-12-30T10:00:00Z")


@pytest.mark.rule("L1")
@given(kinds, zones, instants)
@example("day", "America/St_Johns", micros("2006-10-29T02:45:00Z"))
@example("day", "America/St_Johns", micros("2006-10-29T02:30:30Z"))
def test_every_instant_is_in_exactly_one_window(kind: WindowKind, zone: str, instant: int) -> None:
    window = window_of(kind, zone, instant)
    assert window.start <= instant < window.end
    for other in (window.start, window.end - 1):
        assert window_of(kind, zone, other) == window
    if window != TOTAL:
        assert window_of(kind, zone, window.end).start == window.end


@pytest.mark.rule("L1")
@given(st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES), instants)
def test_a_window_begins_at_the_zones_midnight(kind: WindowKind, zone: str, instant: int) -> None:
    start = window_of(kind, zone, instant).start
    local = datetime.fromtimestamp(start // 1_000_000, ZoneInfo(zone))
    before = datetime.fromtimestamp(start // 1_000_000 - 1, ZoneInfo(zone))
    assert before.date() < local.date()
    assert kind != "week" or local.weekday() == 0 or zone == "Pacific/Apia"
    assert kind != "month" or local.day == 1


def test_an_instant_outside_all_calendars_has_a_window_too() -> None:
    for instant in (-(2**63), 2**63 - 1):
        assert window_of("day", "Europe/Berlin", instant)
