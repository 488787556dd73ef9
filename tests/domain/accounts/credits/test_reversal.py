"""What giving back a charge does: the allocation is walked backwards, debt first, the rest to its lot (C12)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.accounts.charged import usage_charged
from domain.accounts.conftest import STREAM, Charge
from domain.given import Given, LedgerInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.credits.reversal import Reversal, reverse, walk_back, without_last
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.money import format_amount

pytestmark = pytest.mark.rule("C12")

USD = 1_000_000_000
PARTS = (LotAmount("lot-2", 3), LotAmount("lot-3", 4), LotAmount(None, 5))


def opened(**fields: Any) -> OpenAccount:
    return OpenAccount(**{"account_id": "main", "owner_kind": "org", "currency": "USD"} | fields)


def bought(usd: int) -> RecordPurchase:
    return RecordPurchase("main", f"{usd}.00", f"card/{usd}")


def lots(account: Account) -> dict[str, int]:
    return {lot.lot: lot.remaining for lot in account.lots}


@pytest.mark.parametrize(
    ("amount", "given_back"),
    [
        (0, []),
        (5, [LotAmount(None, 5)]),
        (7, [LotAmount(None, 5), LotAmount("lot-3", 2)]),
        (12, [LotAmount(None, 5), LotAmount("lot-3", 4), LotAmount("lot-2", 3)]),
    ],
)
def test_the_last_part_is_given_back_first(amount: int, given_back: list[LotAmount]) -> None:
    assert list(walk_back(PARTS, amount)) == given_back


def test_more_than_was_taken_cannot_be_given_back() -> None:
    with pytest.raises(ValueError, match="1 nano-units more"):
        list(walk_back(PARTS, 13))


@for_all(st.integers(0, 12), st.data())
def test_a_second_reversal_goes_on_where_the_first_ended(first: int, data: st.DataObject) -> None:
    second = data.draw(st.integers(0, 12 - first))
    together = list(walk_back(PARTS, first + second))
    apart = [*walk_back(PARTS, first), *walk_back(without_last(PARTS, first), second)]
    assert by_lot(apart) == by_lot(together)


def by_lot(parts: list[LotAmount]) -> dict[str | None, int]:
    return {lot: sum(part.amount for part in parts if part.lot == lot) for lot in {part.lot for part in parts}}


def test_what_came_from_a_lot_returns_to_it_even_if_it_was_drained(
    given: Given, charge: Charge, account: Account
) -> None:
    given(opened(), bought(3), bought(4))
    charge(5 * USD)
    parts = LotAmount("lot-2", 3 * USD), LotAmount("lot-3", 2 * USD)
    reversal = reverse(account, parts, 4 * USD)
    assert reversal == Reversal(
        debt_settled=0,
        restored=(LotAmount("lot-3", 2 * USD), LotAmount("lot-2", 2 * USD)),
        lot=None,
        lot_amount=0,
        unbilled=0,
        lines=(JournalLine(2000, "credit", 2 * USD, "lot-3"), JournalLine(2000, "credit", 2 * USD, "lot-2")),
        balance_after=6 * USD,
    )
    account.refill(reversal.restored)
    assert lots(account) == {"lot-2": 2 * USD, "lot-3": 4 * USD}


def test_each_part_settles_outstanding_debt_first(given: Given, charge: Charge, account: Account) -> None:
    """5.00 came from the lot; an overdraft of 2.00 by another charge is owed when they are given back."""
    given(opened(), bought(5))
    charge(5 * USD)
    charge(2 * USD)
    reversal = reverse(account, (LotAmount("lot-2", 5 * USD),), 5 * USD)
    assert (reversal.debt_settled, reversal.restored) == (2 * USD, (LotAmount("lot-2", 3 * USD),))
    assert reversal.lines == (JournalLine(1300, "credit", 2 * USD), JournalLine(2000, "credit", 3 * USD, "lot-2"))
    assert reversal.balance_after == 3 * USD


def test_overdraft_that_is_still_owed_is_owed_no_more(given: Given, charge: Charge, account: Account) -> None:
    given(opened(), bought(1))
    charge(3 * USD)
    reversal = reverse(account, (LotAmount("lot-2", USD), LotAmount(None, 2 * USD)), 3 * USD)
    assert (reversal.debt_settled, reversal.restored, reversal.lot) == (2 * USD, (LotAmount("lot-2", USD),), None)


def test_former_overdraft_becomes_an_adjustment_lot_once_the_debt_is_settled(
    given: Given, charge: Charge, account: Account
) -> None:
    given(opened())
    charge(3 * USD)
    given(bought(2))
    reversal = reverse(account, (LotAmount(None, 3 * USD),), 3 * USD)
    assert (reversal.debt_settled, reversal.lot, reversal.lot_amount) == (USD, "lot-4", 2 * USD)
    assert reversal.lines == (JournalLine(1300, "credit", USD), JournalLine(2000, "credit", 2 * USD, "lot-4"))
    assert reversal.balance_after == 2 * USD


def test_a_part_that_was_unbilled_returns_to_1200(given: Given, charge: Charge, account: Account) -> None:
    given(opened(funding="invoiced"), bought(1))
    charge(3 * USD)
    reversal = reverse(account, (LotAmount("lot-2", USD), LotAmount(None, 2 * USD)), 3 * USD)
    assert (reversal.unbilled, reversal.debt_settled, reversal.lot) == (2 * USD, 0, None)
    assert reversal.lines == (JournalLine(2000, "credit", USD, "lot-2"), JournalLine(1200, "credit", 2 * USD))
    assert reversal.balance_after == USD


@pytest.mark.rule("A1")
def test_the_expense_of_a_platforms_own_account_is_taken_back(given: Given, charge: Charge, account: Account) -> None:
    given(opened(owner_kind="platform_service", tier="demo"))
    charge(3 * USD)
    reversal = reverse(account, (), 2 * USD)
    assert (reversal.lines, reversal.balance_after) == ((JournalLine(5200, "credit", 2 * USD),), 0)


@for_all(
    st.sampled_from(["prepaid", "invoiced"]),
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 100)), max_size=6),
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
)
def test_giving_a_charge_back_at_once_walks_back_exactly(
    funding: str, grants: list[tuple[int, int]], charges: list[int]
) -> None:
    ledger = LedgerInMemory()
    ledger.decide(opened(funding=funding))
    for amount, priority in grants:
        ledger.decide(GrantCredits("main", format_amount(amount), "promo", "gift", priority=priority))
    account = ledger.get(Account, STREAM)
    before = lots(account), account.overdraft, account.unbilled
    usage = usage_charged(account, *charges)
    ledger.append(STREAM, usage, ledger.now)
    parts = [LotAmount(part.lot, part.amount) for part in usage.allocations]
    reversal = reverse(account, parts, sum(charges))
    account.refill(reversal.restored)
    assert lots(account) == before[0]
    assert [lot.lot for lot in account.lots] == list(before[0])
    assert account.overdraft - reversal.debt_settled == before[1]
    assert account.unbilled - reversal.unbilled == before[2]
    assert reversal.lot is None
    assert sum(line.amount for line in reversal.lines) == sum(charges)
    assert reversal.balance_after == sum(before[0].values()) - before[1]
