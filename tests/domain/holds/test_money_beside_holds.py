"""What open holds need stays: capped fees, transfers and expiry leave it, whole fees are refused (C7, C14, C15)."""

from __future__ import annotations

import pytest

from domain.holds.calls import account_of, happened, last, open_ledger, place, release
from domain.rehearsal import SECOND, answer_of
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.refunds.commands import CloseDispute, OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits

MINUTE = 60 * SECOND


def fee(amount: str, *, capped: bool = False) -> ChargeFee:
    return ChargeFee("acc", "other", f"p-{amount}", amount, capped=capped)


@pytest.mark.rule("C15")
def test_a_capped_fee_takes_what_is_available() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="0.40")
    assert answer_of(ledger.when(fee("1.00", capped=True)))["charged"] == "0.60"


@pytest.mark.rule("H2")
def test_a_whole_fee_is_refused_for_what_holds_need() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="0.40")
    refused = ledger.when(fee("0.61"))
    assert (refused.code, refused.facts["spendable"]) == ("insufficient_credits", "0.60")
    assert ledger.when(fee("0.60")).outcome == "accepted"


@pytest.mark.rule("C14")
def test_a_transfer_leaves_what_holds_need() -> None:
    ledger = open_ledger("1.00")
    ledger.given(OpenAccount(account_id="other", owner_kind="org", currency="USD"))
    place(ledger, amount="0.40")
    refused = ledger.when(TransferCredits("t1", "other", "0.61", "acc"))
    assert (refused.code, refused.facts["transferable"]) == ("insufficient_transferable", "0.60")
    assert ledger.when(TransferCredits("t1", "other", "0.60", "acc")).outcome == "accepted"


@pytest.mark.rule("C11")
def test_a_refund_takes_even_what_holds_need() -> None:
    ledger = open_ledger("1.00")
    place(ledger, amount="0.40")
    assert ledger.when(RefundPurchase("acc", "card/p1", "r1", "1.00", "asked")).outcome == "accepted"
    assert (last(ledger)["balance"], account_of(ledger).available) == (0, -400_000_000)


@pytest.mark.rule("C12")
def test_what_returns_to_an_expired_lot_stays_while_a_hold_needs_it_and_then_expires() -> None:
    ledger = open_ledger(None)
    ledger.given(RecordPurchase("acc", "1.00", "card/p1", expires_at=ledger.now + MINUTE))
    place(ledger, amount="0.40")
    ledger.given(OpenDispute("acc", "d1", "card/p1"))
    ledger.wait(MINUTE)
    assert ledger.when(CloseDispute("d1", "won")).outcome == "accepted"
    assert happened(ledger)[-3:] == ["DisputeWon", "CreditsExpired", "AccountResumed"]
    account = account_of(ledger)
    assert (account.balance, account.held, account.available) == (400_000_000, 400_000_000, 0)
    release(ledger)
    assert happened(ledger)[-3:] == ["HoldReleased", "CreditsExpired", "CreditsExhausted"]
    assert account_of(ledger).balance == 0
