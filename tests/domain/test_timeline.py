"""A fact over time, against the plainest way to say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.timeline import BEGINNING, END, Timeline, common_span

CHANGES = st.lists(st.tuples(st.integers(0, 20), st.integers()), max_size=8).map(
    lambda changes: sorted(changes, key=lambda change: change[0])
)


def timeline_of(changes: list[tuple[int, int]]) -> Timeline[int]:
    timeline = Timeline(-1)
    timeline.change_all(changes)
    return timeline


def plainly(changes: list[tuple[int, int]], instant: int) -> int:
    return ([-1] + [value for since, value in changes if since <= instant])[-1]


@given(CHANGES, st.integers(-2, 22))
def test_the_last_change_up_to_the_instant_holds(changes: list[tuple[int, int]], instant: int) -> None:
    assert timeline_of(changes).at(instant) == plainly(changes, instant)


@given(CHANGES, st.integers(-2, 22))
def test_a_span_reaches_exactly_from_change_to_change(changes: list[tuple[int, int]], instant: int) -> None:
    since, until = timeline_of(changes).span(instant)
    boundaries = [at for at, _ in changes]
    assert since == max([at for at in boundaries if at <= instant], default=BEGINNING)
    assert until == min([at for at in boundaries if at > instant], default=END)


@given(CHANGES, CHANGES, st.integers(-2, 22))
def test_a_common_span_is_where_nothing_changes(
    one: list[tuple[int, int]], other: list[tuple[int, int]], instant: int
) -> None:
    since, until = common_span(instant, timeline_of(one), timeline_of(other))
    boundaries = [at for at, _ in one + other]
    assert since == max([at for at in boundaries if at <= instant], default=BEGINNING)
    assert until == min([at for at in boundaries if at > instant], default=END)


@given(CHANGES)
def test_the_changes_make_the_same_timeline_again(changes: list[tuple[int, int]]) -> None:
    assert timeline_of(timeline_of(changes).changes()).changes() == changes
