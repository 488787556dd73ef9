"""A closed account admits nothing, but what was used is a fact: recorded, flagged, and owed (A3, U5)."""

from __future__ import annotations

import pytest

from domain.quarantine.books import NANO
from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import ACCOUNT, metered_ledger, price, record
from reacting.in_memory import ReactorInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.adjustments.commands import AdjustBalance
from usage_ledger.accounts.events import SuspendedUsageRated, UsageRecorded
from usage_ledger.accounts.lifecycle.commands import CloseAccount


@pytest.fixture
def ledger() -> Rehearsal:
    """An account that is empty, and still the payer of its workspace."""
    ledger = metered_ledger()
    ledger.given(AdjustBalance("acc", "-10.00", "paid out", "op-1"))
    return ledger


def events(ledger: Rehearsal, kind: type) -> list[UsageRecorded | SuspendedUsageRated]:
    return [event for event in ledger.events(ACCOUNT) if isinstance(event, kind)]


@pytest.mark.rule("A3")
def test_usage_after_close_is_flagged_and_its_shortfall_owed(ledger: Rehearsal) -> None:
    ledger.given(CloseAccount("acc", "left us"))
    record(ledger, {})
    (usage,) = events(ledger, UsageRecorded)
    assert usage.after_close
    assert usage.balance_after == -usage.charged < 0
    account = Account()
    for envelope, payload in ledger.recorded(ACCOUNT):
        account.apply(payload, envelope.recorded_at)
    assert account.overdraft == usage.charged


@pytest.mark.rule("A3")
def test_what_is_rated_after_close_is_flagged(ledger: Rehearsal) -> None:
    record(ledger, {"model": "acme/new"})
    ledger.given(CloseAccount("acc", "left us"))
    ledger.given(price("acme/new", "new-1", {"input": "1", "output": "2"}, effective_from=0), tenant="platform")
    ReactorInMemory(ledger.store, ledger.clock).react()
    (rated,) = events(ledger, SuspendedUsageRated)
    assert (rated.after_close, rated.balance_after) == (True, -NANO)


def test_usage_before_it_is_not_flagged(ledger: Rehearsal) -> None:
    record(ledger, {})
    (usage,) = events(ledger, UsageRecorded)
    assert not usage.after_close
