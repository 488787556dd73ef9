"""The one rounding rule, splits, and the bound of every amount (M2, M4, M5, M8)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.money import MAX_NANO, MIN_NANO, check_range, half_even_to_nano, minor_unit_nano, split_pool
from usage_ledger.refusals import Refusal


@pytest.mark.rule("M4")
@pytest.mark.parametrize(
    ("femto", "nano"),
    [
        (0, 0),
        (499_999, 0),
        (500_000, 0),
        (500_001, 1),
        (1_500_000, 2),
        (2_500_000, 2),
        (2_500_001, 3),
        (-500_000, 0),
        (-1_500_000, -2),
    ],
)
def test_a_tie_goes_to_the_even_neighbour(femto: int, nano: int) -> None:
    assert half_even_to_nano(femto) == nano


@pytest.mark.rule("M4")
@given(st.integers(-(10**40), 10**40))
def test_rounding_agrees_with_decimal_arithmetic(femto: int) -> None:
    with localcontext(prec=60):
        expected = (Decimal(femto) / 1_000_000).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert half_even_to_nano(femto) == int(expected)


@pytest.mark.rule("M5")
@given(st.integers(0, MAX_NANO), st.integers(1, 10_000))
def test_a_split_loses_nothing_and_favours_nobody(pool: int, receivers: int) -> None:
    share, remainder = split_pool(pool, receivers)
    assert share * receivers + remainder == pool
    assert 0 <= remainder < receivers


@pytest.mark.rule("M2")
@pytest.mark.parametrize("nano", [MIN_NANO, 0, MAX_NANO])
def test_an_amount_within_64_bits_passes(nano: int) -> None:
    assert check_range(nano) == nano


@pytest.mark.rule("M2")
@pytest.mark.parametrize("nano", [MIN_NANO - 1, MAX_NANO + 1])
def test_an_amount_beyond_64_bits_is_refused(nano: int) -> None:
    with pytest.raises(Refusal) as refusal:
        check_range(nano)
    assert refusal.value.code == "amount_out_of_range"


@pytest.mark.rule("M8")
@pytest.mark.parametrize(("currency", "nano"), [("USD", 10_000_000), ("JPY", 1_000_000_000), ("KWD", 1_000_000)])
def test_the_minor_unit_is_the_currencys_own(currency: str, nano: int) -> None:
    assert minor_unit_nano(currency) == nano
