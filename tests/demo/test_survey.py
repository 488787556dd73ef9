"""A trace is added up once before anything starts, and its tokens are spread over its own time."""

from usage_ledger.entrypoints.demo.chart import bar, columns
from usage_ledger.entrypoints.demo.survey import survey
from usage_ledger.gateway.trace import read_trace
from usage_ledger.traces import AZURE_CODE_2023


def survey_of(*lines):
    return survey(read_trace(["TIMESTAMP,ContextTokens,GeneratedTokens", *lines]))


def test_the_trace_that_comes_with_the_project_has_its_control_totals():
    with AZURE_CODE_2023.open(encoding="utf-8", newline="") as lines:
        found = survey(read_trace(lines))
    assert (found.rows, found.input_tokens, found.output_tokens) == (8_819, 18_059_974, 245_896)
    stretches = found.over_time(57)
    assert (len(stretches), sum(stretches)) == (57, 18_059_974 + 245_896)


def test_minutes_without_calls_have_their_place_in_time():
    assert survey_of("2026-01-01 10:00:59,1,1", "2026-01-01T10:03:00Z,2,2").over_time(60) == [2, 0, 0, 4]


def test_a_long_trace_is_narrowed_and_keeps_its_tokens():
    found = survey_of(*[f"2026-01-{day:02} 00:00,{day},0" for day in range(1, 31)])
    assert len(found.over_time(10)) == 10
    assert sum(found.over_time(10)) == sum(range(1, 31))


def test_times_that_cannot_be_understood_are_left_out_of_the_chart_only():
    found = survey_of("yesterday,1,1", "2026-99-99 10:00,1,1", "17,1,1")
    assert (found.rows, found.over_time(10)) == (3, [])


def test_bars_are_as_high_as_their_values_and_none_that_is_above_zero_vanishes():
    assert columns([0, 1, 50, 100], 2) == ["   █", " ▁██"]
    assert columns([0, 0], 2) == columns([], 2) == []
    assert (bar(1, 100, 10), bar(100, 100, 10), bar(0, 0, 10)) == ("█", "█" * 10, "")
