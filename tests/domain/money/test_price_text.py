"""Prices as decimal text (M6)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.money import FEMTO, parse_price
from usage_ledger.refusals import InvalidInput

pytestmark = pytest.mark.rule("M6")

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("text", "per", "femto", "rounded"),
    [
        ("3", MILLION, 3_000_000_000, False),
        ("0.30", MILLION, 300_000_000, False),
        ("0", MILLION, 0, False),
        ("0.000000001", MILLION, 1, False),
        ("0.0000000005", MILLION, 0, True),
        ("0.0000000015", MILLION, 2, True),
        ("0.0000000025", MILLION, 2, True),
        ("0.00000000250000001", MILLION, 3, True),
        ("0.04", 1, 40_000_000_000_000, False),
        ("0.000000000000001", 1, 1, False),
        ("0.0000000000000015", 1, 2, True),
        ("9223.372036854775807", 1, 2**63 - 1, False),
    ],
)
def test_text_becomes_femto_units_rounded_once(text: str, per: int, femto: int, rounded: bool) -> None:
    assert parse_price(text, per) == (femto, rounded)


@pytest.mark.parametrize("text", ["", "-1", "-0.5", "3e-6", "1,5", "free", "9223.372036854775808", "9" * 100])
def test_a_price_that_is_no_price_is_invalid(text: str) -> None:
    with pytest.raises(InvalidInput) as invalid:
        parse_price(text, 1, "/price/per_unit/images")
    assert (invalid.value.code, invalid.value.pointer) == ("invalid_price", "/price/per_unit/images")


@given(st.integers(0, 10**20), st.integers(0, 20), st.sampled_from([1, MILLION]))
def test_the_import_is_never_more_than_half_a_femto_off(digits: int, places: int, per: int) -> None:
    text = f"{digits // 10**places}.{digits % 10**places:0{places}d}" if places else str(digits)
    exact = Fraction(digits, 10**places) * FEMTO / per
    if exact > 2**63 - 1:
        return
    femto, rounded = parse_price(text, per)
    assert abs(femto - exact) <= Fraction(1, 2)
    assert rounded == (femto != exact)
