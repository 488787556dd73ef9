"""What an entry must be before it may travel in an event (J2, J3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_ledger.accounts.chart_of_accounts import CHART_OF_ACCOUNTS, CONTROL_ACCOUNTS
from usage_ledger.accounts.journal import (
    JournalEntry,
    JournalLine,
    debit_minus_credit,
    journal_entry,
    validate_entry,
)
from usage_ledger.money import MAX_NANO
from usage_ledger.refusals import Refusal

LINES = st.lists(
    st.builds(
        JournalLine,
        code=st.sampled_from([*sorted(CHART_OF_ACCOUNTS), 9999]),
        side=st.sampled_from(["debit", "credit"]),
        amount=st.one_of(st.integers(-2, 5), st.just(MAX_NANO + 1)),
    ),
    max_size=4,
)


def debit(code: int, amount: int) -> JournalLine:
    return JournalLine(code, "debit", amount)


def credit(code: int, amount: int) -> JournalLine:
    return JournalLine(code, "credit", amount)


def refusal_of(entry_type: str, *lines: JournalLine) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        validate_entry(JournalEntry(entry_type, lines))
    return refusal.value


@pytest.mark.rule("J2")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "entry_too_short"),
        ((debit(1000, 0),), "entry_too_short"),
        ((debit(1000, 0), credit(9999, 0)), "amount_not_positive"),
        ((debit(1000, -1), credit(3000, -1)), "amount_not_positive"),
        ((debit(9999, 1), credit(2000, 1)), "unknown_account_code"),
        ((debit(1000, MAX_NANO + 1), credit(2000, 1)), "control_account"),
        ((debit(1000, MAX_NANO + 1), credit(3000, 1)), "amount_out_of_range"),
        ((debit(1000, 2), credit(3000, 1)), "entry_unbalanced"),
    ],
)
def test_the_first_failing_check_gives_the_code(lines: tuple[JournalLine, ...], code: str) -> None:
    assert refusal_of("manual", *lines).code == code


@pytest.mark.rule("J2")
def test_an_unbalanced_entry_names_the_difference() -> None:
    refusal = refusal_of("manual", debit(1000, 1_000_000_000), credit(3000, 990_000_000))
    assert refusal.facts == {"difference": "0.01"}


@pytest.mark.rule("A6")
@pytest.mark.parametrize("code", sorted(CONTROL_ACCOUNTS))
def test_a_manual_entry_moves_no_control_account(code: int) -> None:
    assert refusal_of("manual", debit(1000, 1), credit(code, 1)).code == "control_account"


@pytest.mark.rule("A6")
@pytest.mark.parametrize(
    ("entry_type", "code"), [("purchase", 1200), ("grant", 1900), ("usage", 2900), ("suspense_opened", 2000)]
)
def test_an_entry_moves_only_the_control_accounts_of_its_type(entry_type: str, code: int) -> None:
    assert refusal_of(entry_type, debit(1000, 1), credit(code, 1)).code == "control_account"


@pytest.mark.rule("J2")
@given(LINES)
def test_what_passes_is_balanced_positive_and_known(lines: list[JournalLine]) -> None:
    try:
        validate_entry(JournalEntry("manual", tuple(lines)))
    except Refusal:
        return
    assert len(lines) >= 2
    assert sum(map(debit_minus_credit, lines)) == 0
    assert all(0 < line.amount <= MAX_NANO for line in lines)
    assert {line.code for line in lines} <= CHART_OF_ACCOUNTS - CONTROL_ACCOUNTS


@pytest.mark.rule("J3")
@given(st.data())
def test_equal_lines_in_any_order_are_the_same_entry(data: st.DataObject) -> None:
    lines = [
        JournalLine(2000, "debit", 3, "lot-2"),
        JournalLine(2000, "debit", 3, "lot-3"),
        JournalLine(2000, "debit", 2, "lot-3"),
        debit(1300, 1),
        credit(4010, 5),
        credit(4010, 4),
    ]
    assert journal_entry("usage", data.draw(st.permutations(lines))) == journal_entry("usage", lines)
