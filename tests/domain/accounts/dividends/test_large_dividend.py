"""The largest dividend there may be fits its event, and is paid in one append (C16)."""

from __future__ import annotations

import pytest

from domain.rehearsal import Rehearsal, answer_of
from usage_ledger.accounts.commands import OpenAccount
from usage_ledger.accounts.dividends.commands import RECIPIENTS_MAX, DeclareDividend, PayDividend

EVENT_MAX_BYTES = 256 * 1024


@pytest.mark.rule("C16")
def test_a_thousand_recipients_with_the_longest_names_are_paid() -> None:
    ledger = Rehearsal()
    names = tuple(f"{number:0128d}" for number in range(RECIPIENTS_MAX))
    ledger.given_together(*(OpenAccount(account_id=name, owner_kind="org", currency="USD") for name in names))
    ledger.given(DeclareDividend("q1", "1000.00", names))
    paid = answer_of(ledger.when(PayDividend("q1")))
    assert (paid["recipients_paid"], paid["paid"], paid["completed"]) == (RECIPIENTS_MAX, "1000.00", True)
    assert max(ledger.sizes("t1/dividend-q1")) < EVENT_MAX_BYTES
