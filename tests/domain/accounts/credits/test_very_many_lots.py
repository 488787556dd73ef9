"""No event names more lots than fit into it: what would take more is refused, a smaller amount goes through."""

from __future__ import annotations

import msgspec
import pytest

from domain.rehearsal import Rehearsal
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.commands import OpenAccount, RecordPurchase
from usage_ledger.accounts.credits.lot_amount import LOTS_MAX
from usage_ledger.accounts.fees.commands import ChargeFee
from usage_ledger.accounts.refunds.commands import OpenDispute, RefundPurchase
from usage_ledger.accounts.transfers.commands import TransferCredits
from usage_ledger.money import format_amount
from usage_ledger_schemas.codec import MAX_EVENT_BYTES

CENT = 10_000_000
ALL = format_amount((LOTS_MAX + 1) * CENT)
MANY = format_amount(LOTS_MAX * CENT)


@pytest.fixture(scope="module")
def ledger() -> Rehearsal:
    """Account ``acc`` has a lot of a cent for each of more purchases than one event names, and one that was drained."""
    ledger = Rehearsal()
    ledger.given(OpenAccount("acc", "org", "USD"), OpenAccount("other", "org", "USD"))
    ledger.given(RecordPurchase("acc", "50.00", "card/p"), AdjustBalance("acc", "-50.00", "test", "op"))
    lots = (RecordPurchase("acc", "0.01", f"card/{number}") for number in range(LOTS_MAX + 1))
    ledger.given_together(*lots)
    return ledger


@pytest.mark.parametrize(
    "command",
    [
        ChargeFee("acc", "other", "all", ALL),
        RefundPurchase("acc", "card/p", "all", ALL, "asked"),
        OpenDispute("acc", "all", "card/p", ALL),
        AdjustBalance("acc", f"-{ALL}", "test", "op"),
        TransferCredits("all", "other", ALL, "acc"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_would_take_more_lots_than_an_event_names_is_refused(ledger: Rehearsal, command: msgspec.Struct) -> None:
    refused = ledger.when(command)
    assert (refused.code, refused.facts) == ("event_too_large", {"lots": "2001", "lots_max": "2000"})


@pytest.mark.rule("C14")
def test_as_many_as_an_event_names_are_moved_there_and_back(ledger: Rehearsal) -> None:
    ledger.given(TransferCredits("there", "other", MANY, "acc"), TransferCredits("back", "acc", MANY, "other"))
    assert max(ledger.sizes("t1/account-acc") + ledger.sizes("t1/account-other")) < MAX_EVENT_BYTES
    account = Account()
    for envelope, payload in ledger.recorded("t1/account-acc"):
        account.apply(payload, envelope.recorded_at)
    assert (account.balance, len(account.lots)) == ((LOTS_MAX + 1) * CENT, LOTS_MAX + 1)
