"""A trace is read as it stands, in memory that does not grow with it, and broken ones are refused with their line."""

import tracemalloc
from itertools import islice

import pytest

from usage_ledger.gateway.source_line import SourceInvalid
from usage_ledger.gateway.trace import Columns, TraceTotals, read_trace, totals
from usage_ledger.traces import AZURE_CODE_2023

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"


def trace(*lines):
    return list(read_trace([HEADER, *lines]))


def test_the_trace_that_comes_with_the_project_has_its_control_totals():
    with AZURE_CODE_2023.open(encoding="utf-8", newline="") as lines:
        assert totals(read_trace(lines)) == TraceTotals(8_819, 18_059_974, 245_896)


def test_a_row_is_a_call_with_its_time_as_text():
    (row,) = trace("2023-11-16 18:17:03.9799600,4808,10")
    assert (row.number, row.timestamp, row.context_tokens, row.generated_tokens) == (
        0,
        "2023-11-16 18:17:03.9799600",
        4_808,
        10,
    )


def test_empty_lines_are_passed_over_and_do_not_count():
    assert [row.number for row in trace("", "a,1,1", "  ", "", "b,2,2", "")] == [0, 1]


def test_a_header_alone_is_a_trace_without_calls():
    assert trace() == []


@pytest.mark.parametrize(
    "header", ["GeneratedTokens,ContextTokens,TIMESTAMP", "x, TIMESTAMP ,ContextTokens,GeneratedTokens"]
)
def test_columns_are_found_by_name_wherever_they_stand(header):
    fields = {"TIMESTAMP": "now", "ContextTokens": "7", "GeneratedTokens": "3"}
    line = ",".join(fields.get(name.strip(), "?") for name in header.split(","))
    (row,) = read_trace([header, line])
    assert (row.timestamp, row.context_tokens, row.generated_tokens) == ("now", 7, 3)


def test_other_columns_can_be_named():
    (row,) = read_trace(["t,in,out", "now,7,3"], Columns("t", "in", "out"))
    assert (row.timestamp, row.context_tokens, row.generated_tokens) == ("now", 7, 3)


def test_counts_are_passed_on_however_implausible_as_the_ledger_judges_them():
    (row,) = trace(f"now,-1,{2**63}")
    assert (row.context_tokens, row.generated_tokens) == (-1, 2**63)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "line 1: the header has no column TIMESTAMP, ContextTokens, GeneratedTokens"),
        (["TIMESTAMP,GeneratedTokens"], "line 1: the header has no column ContextTokens"),
        ([HEADER, "now,1"], "line 2: 2 fields are too few"),
        ([HEADER, "now,1.0,1"], "line 2: ContextTokens is no whole number: '1.0'"),
        ([HEADER, "now,1,"], "line 2: GeneratedTokens is no whole number: ''"),
        ([HEADER, "now,1_0,1"], "line 2: ContextTokens is no whole number: '1_0'"),
        ([HEADER, "now,\u0661,1"], "line 2: ContextTokens is no whole number: '\u0661'"),
        ([HEADER, "now,1,1", "no\x1fw,1,1"], "line 3: TIMESTAMP is no time: 'no\\x1fw'"),
        ([HEADER, f"{'9' * 65},1,1"], f"line 2: TIMESTAMP is no time: '{'9' * 64}'"),
        ([HEADER, f"now,{'9' * 200_000},1"], "line 2: field larger than field limit (131072)"),
    ],
)
def test_a_broken_trace_is_refused_with_its_line(lines, reason):
    with pytest.raises(SourceInvalid) as refused:
        list(read_trace(lines))
    assert str(refused.value) == reason


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = tmp_path / "trace.csv"
    file.write_bytes(HEADER.encode() + b"\n\xff,1,1\n")
    with file.open(encoding="utf-8") as lines, pytest.raises(SourceInvalid, match="not text in UTF-8"):
        list(read_trace(lines))


def test_a_line_has_the_same_id_in_every_run():
    assert trace("a,1,1", "b,2,2") == trace("a,1,1", "b,2,2")


def test_a_file_that_has_grown_keeps_the_ids_of_what_it_had():
    before, after = trace("a,1,1"), trace("a,1,1", "b,2,2")
    assert after[0].attempt_id == before[0].attempt_id


def test_equal_calls_on_two_lines_are_two_calls():
    first, second = trace("a,1,1", "a,1,1")
    assert first.attempt_id != second.attempt_id


def test_another_call_on_the_same_line_is_another_call():
    assert trace("a,1,1")[0].attempt_id != trace("a,1,2")[0].attempt_id


def test_memory_does_not_grow_with_the_trace():
    def lines(count):
        yield HEADER
        yield from (f"2023-11-16 18:17:03,{n},1" for n in range(count))

    def peak(count):
        tracemalloc.start()
        totals(read_trace(lines(count)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    totals(islice(read_trace(lines(10)), 5))
    assert peak(20_000) < peak(200) + 50_000
