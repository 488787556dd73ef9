"""Whatever was charged and corrected in between, voiding it all leaves the account as it was before (U16, C12)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.corrections.corrected import NANO, account, corrected, lots
from domain.quarantine.books import balances
from domain.rehearsal import Rehearsal
from domain.usage.metered_ledger import metered_ledger, record
from usage_ledger.accounts.commands import GrantCredits

TOKENS = st.integers(0, 8_000_000)
STEPS = st.lists(st.tuples(st.sampled_from(["a1", "a2", "a3"]), TOKENS), min_size=1, max_size=10)


def books(ledger: Rehearsal) -> tuple[dict[str, int], int]:
    """Lots and revenue; and the account's books agree with its lots at every step."""
    state = account(ledger)
    assert sum(lots(ledger).values()) - state.overdraft == state.balance
    assert not (sum(lots(ledger).values()) and state.overdraft)
    assert sum(balances(ledger).values()) == 0
    return lots(ledger), balances(ledger).get(4010, 0)


@pytest.mark.rule("U16")
@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_voided_history_never_was(steps: list[tuple[str, int]]) -> None:
    ledger = metered_ledger()
    ledger.given(GrantCredits("acc", "2.00", "promo", "r", reference="g"))
    before = books(ledger)
    for attempt_id in ("a1", "a2", "a3"):
        record(ledger, {"id": attempt_id, "usage": {"input_tokens": 100_000}})
    now = dict.fromkeys(("a1", "a2", "a3"), 100_000)
    for attempt_id, tokens in steps:
        corrected(ledger, attempt_id, usage={"input_tokens": tokens})
        now[attempt_id] = tokens
        assert books(ledger)[1] == -sum(now.values()) * (NANO // 1_000_000)
    for attempt_id in ("a2", "a3", "a1"):
        corrected(ledger, attempt_id, void=True)
        books(ledger)
    assert account(ledger).balance == 12 * NANO
    assert books(ledger)[1] == before[1]
