"""Amounts as decimal text, in and out (M1-M3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.money import MAX_NANO, MIN_NANO, format_amount, parse_amount, sum_amounts
from usage_ledger.refusals import InvalidInput

pytestmark = pytest.mark.rule("M3")


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("0", 0),
        ("5", 5_000_000_000),
        ("5.00", 5_000_000_000),
        ("0.195", 195_000_000),
        ("0.000000001", 1),
        ("-0.5", -500_000_000),
        ("007.10", 7_100_000_000),
        ("9223372036.854775807", MAX_NANO),
        ("-9223372036.854775808", MIN_NANO),
    ],
)
def test_decimal_text_is_read_exactly(text: str, nano: int) -> None:
    assert parse_amount(text) == nano


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_amount"),
        (" 1", "invalid_amount"),
        ("1\n", "invalid_amount"),
        (".5", "invalid_amount"),
        ("5.", "invalid_amount"),
        ("+5", "invalid_amount"),
        ("--5", "invalid_amount"),
        ("1e3", "invalid_amount"),
        ("1,000.00", "invalid_amount"),
        ("1_000", "invalid_amount"),
        ("0x10", "invalid_amount"),
        ("NaN", "invalid_amount"),
        ("Infinity", "invalid_amount"),
        ("\u0661\u0662", "invalid_amount"),
        ("9" * 5000, "invalid_amount"),
        ("0.0000000001", "amount_too_precise"),
        ("0.0000000000", "amount_too_precise"),
        ("9223372036.854775808", "amount_out_of_range"),
        ("-9223372036.854775809", "amount_out_of_range"),
        ("99999999999999999999", "amount_out_of_range"),
    ],
)
def test_anything_else_is_invalid_and_says_where_it_stood(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as invalid:
        parse_amount(text, "/amount")
    assert (invalid.value.code, invalid.value.pointer) == (code, "/amount")


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "0.00"),
        (5_000_000_000, "5.00"),
        (1, "0.000000001"),
        (195_000_000, "0.195"),
        (100_000_000, "0.10"),
        (-1, "-0.000000001"),
        (-20_750_000_000, "-20.75"),
    ],
)
def test_output_keeps_two_decimals_and_drops_further_zeros(nano: int, text: str) -> None:
    assert format_amount(nano) == text


@given(st.integers(MIN_NANO, MAX_NANO))
def test_what_is_written_reads_back_the_same(nano: int) -> None:
    assert parse_amount(format_amount(nano)) == nano


def test_a_sum_over_accounts_may_pass_64_bits():
    most = format_amount(MAX_NANO)
    assert sum_amounts([sum_amounts([most, most]), "-0.5"]) == "18446744073.209551614"
