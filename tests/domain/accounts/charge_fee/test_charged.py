"""A fee is charged once per account, fee and period, and a capped one as far as credit is there (C15)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.accounts.conftest import Charge
from domain.given import Given, Then, When
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LotAmount
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.fees.events import FeeCharged
from usage_ledger.accounts.journal import JournalLine
from usage_ledger.accounts.lifecycle.events import AccountSuspended
from usage_ledger.accounts.limits.events import CreditsExhausted

pytestmark = pytest.mark.rule("C15")

USD = 1_000_000_000


def opened(**fields: Any) -> OpenAccount:
    return OpenAccount(**{"account_id": "main", "owner_kind": "org", "currency": "USD"} | fields)


def bought(amount: str) -> RecordPurchase:
    return RecordPurchase("main", amount, f"card/{amount}")


def fee(amount: str, period: str = "2026-03", **fields: Any) -> ChargeFee:
    return ChargeFee(**{"account_id": "main", "fee": "subscription", "period": period, "amount": amount} | fields)


@pytest.mark.parametrize(("kind", "revenue"), [("subscription", 4020), ("storage", 4030), ("other", 4040)])
def test_a_fee_takes_lots_and_is_revenue_of_its_kind(
    given: Given, when: When, then: Then, account: Account, kind: str, revenue: int
) -> None:
    given(opened(), bought("10.00"))
    when(fee("4.00", fee=kind))
    charged = then.recorded(FeeCharged)
    assert (charged.requested, charged.charged, charged.shortfall) == (4 * USD, 4 * USD, 0)
    assert charged.allocations == (LotAmount("lot-2", 4 * USD),)
    assert charged.entries[0].lines == (
        JournalLine(2000, "debit", 4 * USD, "lot-2"),
        JournalLine(revenue, "credit", 4 * USD),
    )
    assert charged.balance_after == account.balance == 6 * USD


def test_the_answer_says_what_was_charged_and_what_is_left(given: Given, when: When, then: Then) -> None:
    given(opened(), bought("10.00"))
    when(fee("4.00"))
    answer = then.accepted()
    assert (answer.fee, answer.period, answer.requested, answer.charged) == ("subscription", "2026-03", "4.00", "4.00")
    assert (answer.shortfall, answer.posted, answer.available) == ("0.00", "6.00", "6.00")


@pytest.mark.rule("L4")
def test_a_fee_within_the_overdraft_limit_goes_into_debt(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(opened(overdraft_limit="10.00"), bought("10.00"))
    when(fee("20.00"))
    charged, exhausted = then.recorded(FeeCharged, CreditsExhausted)
    assert (charged.shortfall, exhausted.balance) == (0, -10 * USD)
    assert (account.balance, account.overdraft) == (-10 * USD, 10 * USD)


@pytest.mark.rule("A2")
def test_a_fee_of_an_invoiced_account_is_unbilled(given: Given, when: When, then: Then, account: Account) -> None:
    given(opened(funding="invoiced"), bought("1.00"))
    when(fee("3.00"))
    assert then.recorded(FeeCharged).balance_after == account.balance == 0
    assert account.unbilled == 2 * USD


@pytest.mark.rule("A1")
@pytest.mark.parametrize("capped", [True, False])
def test_the_platforms_own_account_is_charged_in_full_against_its_expense(
    given: Given, when: When, then: Then, capped: bool
) -> None:
    given(opened(owner_kind="platform_service", tier="demo"))
    when(fee("3.00", capped=capped))
    charged = then.recorded(FeeCharged)
    assert (charged.charged, charged.allocations, charged.balance_after) == (3 * USD, (), 0)
    assert charged.entries[0].lines == (JournalLine(4900, "credit", 3 * USD), JournalLine(5200, "debit", 3 * USD))


@pytest.mark.rule("L5")
def test_a_capped_fee_takes_what_is_there_and_suspends_once(
    given: Given, when: When, then: Then, account: Account
) -> None:
    given(opened(overdraft_limit="5.00"), bought("0.10"))
    when(fee("0.17", capped=True, suspend_if_short=True))
    charged, exhausted, suspended = then.recorded(FeeCharged, CreditsExhausted, AccountSuspended)
    assert (charged.requested, charged.charged, charged.shortfall) == (170_000_000, 100_000_000, 70_000_000)
    assert (exhausted.balance, suspended.reason, suspended.reasons) == (0, "fee_unpaid", ("fee_unpaid",))
    when(fee("0.17", "2026-04", capped=True, suspend_if_short=True))
    nothing = then.recorded(FeeCharged)
    assert (nothing.charged, nothing.shortfall, nothing.entries, nothing.allocations) == (0, 170_000_000, (), ())
    assert (account.balance, account.overdraft, account.suspended_for) == (0, 0, ["fee_unpaid"])


def test_a_capped_fee_takes_nothing_of_an_account_in_debt(
    given: Given, charge: Charge, when: When, then: Then, account: Account
) -> None:
    given(opened(overdraft_limit="5.00"))
    charge(USD)
    when(fee("0.17", capped=True))
    assert then.recorded(FeeCharged).charged == 0
    assert (account.overdraft, account.suspended_for) == (USD, [])


def test_a_fee_that_is_paid_suspends_nobody(given: Given, when: When, then: Then) -> None:
    given(opened(), bought("1.00"))
    when(fee("0.17", capped=True, suspend_if_short=True))
    then.recorded(FeeCharged)


def test_the_same_fee_of_a_period_again_is_a_duplicate(given: Given, when: When, then: Then, account: Account) -> None:
    given(opened(), bought("10.00"), fee("1.00"))
    when(fee("1.0"))
    assert then.duplicate()["posted"] == "9.00"
    given(fee("1.00", fee="storage"), fee("1.00", "2026-04"))
    assert account.balance == 7 * USD


def test_a_fee_that_was_refused_may_be_charged_once_there_is_money(given: Given, when: When, then: Then) -> None:
    given(opened())
    when(fee("1.00"))
    then.refused("credits_exhausted")
    given(bought("1.00"))
    when(fee("1.00"))
    then.accepted()
