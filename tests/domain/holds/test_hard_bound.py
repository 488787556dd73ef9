"""H8, by trying: whatever is asked in whatever order, calls that stay within their holds never pass the limit.

What is held is compared with a deliberately simple model, which knows nothing of lots, expiry or journals.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.holds.calls import account_of, hold, open_ledger
from domain.rehearsal import SECOND
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import GrantCredits, RecordPurchase
from usage_ledger.accounts.holds.commands import ReleaseHold, SettleHold
from usage_ledger.money import format_amount

CENT = 10_000_000
_NUMBER = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(1, 120), st.integers(1, 40)),
        st.tuples(st.sampled_from(("settle", "capture")), _NUMBER, st.integers(0, 100)),
        st.tuples(st.just("release"), _NUMBER, st.just(0)),
        st.tuples(st.sampled_from(("buy", "give")), st.integers(1, 200), st.integers(1, 40)),
        st.tuples(st.just("wait"), st.integers(1, 60), st.just(0)),
    ),
    max_size=30,
)


class Calls:
    """A ledger, and beside it what each open hold still reserves (cents) and when it ends (seconds)."""

    def __init__(self, limit: int) -> None:
        self.ledger = open_ledger(None, overdraft_limit=format_amount(limit * CENT))
        self.limit = limit
        self.open: dict[str, tuple[int, int]] = {}
        self._numbers = iter(range(1_000))

    @property
    def now(self) -> int:
        return self.ledger.now // SECOND

    @property
    def account(self) -> Account:
        return account_of(self.ledger)

    def step(self, kind: str, first: int, second: int) -> None:
        self.open = {hold_id: each for hold_id, each in self.open.items() if self.now < each[1]}
        getattr(self, kind)(first, second)

    def hold(self, cents: int, seconds: int) -> None:
        """Admitted exactly if it can be paid; a refusal leaves the account as of its time, so it can be checked."""
        hold_id, end = f"h{next(self._numbers)}", self.now + seconds
        outcome = self.ledger.when(hold(hold_id, format_amount(cents * CENT), expires_in_s=seconds))
        if outcome.outcome == "accepted":
            self.open[hold_id] = cents, end
        else:
            assert self.account.available + self.limit * CENT < cents * CENT
        assert self.account.held == sum(left for left, _ in self.open.values()) * CENT

    def settle(self, number: int, percent: int) -> None:
        self._charge(number, percent, final=True)

    def capture(self, number: int, percent: int) -> None:
        self._charge(number, percent, final=False)

    def release(self, number: int, _: int) -> None:
        if hold_id := self._pick(number):
            del self.open[hold_id]
            self.ledger.given(ReleaseHold(hold_id))

    def buy(self, cents: int, _: int) -> None:
        self.ledger.given(RecordPurchase("acc", format_amount(cents * CENT), f"card/{next(self._numbers)}"))

    def give(self, cents: int, seconds: int) -> None:
        expires_at = self.ledger.now + seconds * SECOND
        self.ledger.given(GrantCredits("acc", format_amount(cents * CENT), "promo", "r", expires_at=expires_at))

    def wait(self, seconds: int, _: int) -> None:
        self.ledger.wait(seconds * SECOND)

    def _charge(self, number: int, percent: int, *, final: bool) -> None:
        if not (hold_id := self._pick(number)):
            return
        left, end = self.open.pop(hold_id)
        captured = left * percent // 100
        if not final:
            self.open[hold_id] = left - captured, end
        self.ledger.given(SettleHold(hold_id, amount=format_amount(captured * CENT), final=final))

    def _pick(self, number: int) -> str | None:
        return sorted(self.open)[number % len(self.open)] if self.open else None


@pytest.mark.rule("H8")
@settings(max_examples=150)
@given(limit=st.integers(0, 100), steps=STEPS)
def test_calls_within_their_holds_never_take_the_balance_below_minus_the_limit(
    limit: int, steps: list[tuple[str, int, int]]
) -> None:
    calls = Calls(limit)
    for step in steps:
        calls.step(*step)
        account = calls.account
        assert account.balance >= -limit * CENT
        assert 0 <= account.held <= account.balance + limit * CENT
