"""A natural repeat gets its first answer, whatever became of the account since: state is asked of what is new.

Payments, grants, fees and the like are reported again for weeks; who reports must not take the refusal of a repeat for
the refusal of what was accepted.
"""

from __future__ import annotations

from typing import Any

import pytest

from domain.given import NOON, Fact, Given, Then, When
from usage_ledger.accounts.commands import GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.commands import GrantAllowance, ReportPaymentFailure
from usage_ledger.accounts.dividends.commands import DeclareDividend
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.lifecycle.events import AccountClosed
from usage_ledger.accounts.limits.commands import CompleteTopup, ConfigureAutoTopup, FailTopup
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits

pytestmark = [pytest.mark.rule("C8"), pytest.mark.rule("A3")]

MONTH = 31 * 86_400 * 1_000_000
EXPIRY = NOON + MONTH
ANSWERED_WHEN_CLOSED: list[Any] = [
    RecordPurchase("main", "1.00", "card/1"),
    RecordPurchase("main", "1.00", "card/1", expires_at=EXPIRY),
    GrantCredits("main", "1.00", "promo", "spring", reference="r1"),
    GrantCredits("main", "1.00", "promo", "spring", reference="r1", expires_at=EXPIRY),
    GrantCredits("main", "1.00", "signup", "welcome"),
    GrantAllowance("main", "team", "2026-03", "1.00", "none"),
    ChargeFee("main", "other", "2026-03", "1.00"),
    TransferCredits("t1", "other", "1.00", "main"),
    TransferCredits("t1", "main", "1.00", "other"),
    DeclareDividend("d1", "2.00", ("main", "other")),
    CompleteTopup("main", "topup/main/1"),
    FailTopup("main", "topup/main/1"),
    RefundPurchase("main", "card/0", "r1", "1.00", "asked"),
    OpenDispute("main", "d2", "card/0", "1.00"),
    CloseDispute("d0", "lost"),
    ReportPaymentFailure("main", "card/9"),
]


def kind(command: Any) -> str:
    return type(command).__name__


@pytest.fixture(autouse=True)
def _opened(given: Given) -> None:
    """What any of the commands needs: credit, a top-up that was triggered, a dispute that is open."""
    given(
        OpenAccount("main", "org", "USD"),
        OpenAccount("other", "org", "USD"),
        RecordPurchase("main", "10.00", "card/0"),
        RecordPurchase("other", "10.00", "card/other"),
        ConfigureAutoTopup("main", "8.00", "5.00"),
        ChargeFee("main", "storage", "2026-02", "3.00"),
        OpenDispute("main", "d0", "card/0", "1.00"),
    )


def close(given: Given) -> None:
    given(Fact("acme/account-main", AccountClosed("main", "left us")))


@pytest.mark.parametrize("command", ANSWERED_WHEN_CLOSED, ids=kind)
def test_what_was_accepted_before_it_was_closed_is_a_duplicate_after(
    given: Given, when: When, then: Then, command: Any
) -> None:
    given(command)
    close(given)
    when(command, at=EXPIRY + 1)
    then.duplicate()


@pytest.mark.parametrize("command", ANSWERED_WHEN_CLOSED[:11], ids=kind)
def test_what_is_new_is_refused_after(given: Given, when: When, then: Then, command: Any) -> None:
    close(given)
    when(command)
    then.refused("account_closed")


def test_the_same_payment_with_another_amount_is_still_a_conflict(given: Given, when: When, then: Then) -> None:
    close(given)
    when(RecordPurchase("main", "9.00", "card/0"))
    then.refused("payment_conflict")
