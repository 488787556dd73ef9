"""A life of an account, drawn by Hypothesis: what comes in, what is used, held and released, while time goes by.

Every step is done through the real decisions; after every event the account is held against J6.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from domain.accounts.charged import usage_charged
from domain.accounts.conftest import STREAM
from domain.accounts.reserved import hold_placed, hold_released
from domain.given import SOURCE, TENANT, DecisionInMemory, LedgerInMemory
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import ApplyDueChanges, GrantCredits, OpenAccount, RecordPurchase
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.credits.commands import GrantAllowance
from usage_ledger.accounts.current import current_account
from usage_ledger.money import format_amount
from usage_ledger.recorded_event import EventPayload

CENT = 10_000_000
HOUR = 3_600_000_000

Step = tuple[Any, ...]
_CENTS = st.integers(1, 40)
_HOURS = st.one_of(st.none(), st.integers(1, 60))
_WAIT = st.tuples(st.just("wait"), st.integers(1, 30))

STEPS = st.lists(
    st.one_of(
        _WAIT,
        _WAIT,
        st.tuples(st.just("purchase"), _CENTS, _HOURS),
        st.tuples(st.just("grant"), _CENTS, _HOURS, st.integers(0, 40), st.integers(49, 51)),
        st.tuples(st.just("allowance"), _CENTS, st.sampled_from(["none", "full", "capped:0.10"])),
        st.tuples(st.just("charge"), st.lists(st.integers(0, 20), min_size=1, max_size=3)),
        st.tuples(st.just("hold"), _CENTS, st.integers(1, 40)),
        st.tuples(st.just("release")),
    ),
    min_size=4,
    max_size=24,
)


class Watched(LedgerInMemory):
    """Holds every event and the account that it leaves against J6, and expiry against C7."""

    def append(self, stream_id: str, payload: EventPayload, recorded_at: int) -> int:
        account = self.get(Account, STREAM)
        before = Standing(account)
        position = super().append(stream_id, payload, recorded_at)
        before.check(account, payload, recorded_at)
        return position


class Standing:
    """What an account was before an event."""

    def __init__(self, account: Account) -> None:
        self.version = account.version
        self.balance, self.overdraft, self.available = account.balance, account.overdraft, account.available
        self.remaining = {lot.lot: lot.remaining for lot in account.lots}
        self.expiries = {lot.lot: lot.expires_at for lot in account.lots}

    def check(self, account: Account, payload: Any, recorded_at: int) -> None:
        assert account.version == self.version + 1
        assert sum(account.code_balances.values()) == 0
        assert all(lot.remaining > 0 for lot in account.lots)
        assert all(lot.remaining == 0 for lot in account.drained.values())
        assert account.held >= 0
        assert not (account.lots and account.overdraft)
        assert account.balance == sum(lot.remaining for lot in account.lots) - account.overdraft
        assert getattr(payload, "balance_after", account.balance) == account.balance
        assert getattr(payload, "held_after", account.held) == account.held
        if type(payload).__name__ == "CreditsExpired":
            self._check_expiry(account, payload, recorded_at)

    def _check_expiry(self, account: Account, payload: Any, recorded_at: int) -> None:
        """It took what was free of its own lot, at or after its time, and nothing else (C7)."""
        expires_at = self.expiries[payload.lot]
        assert expires_at is not None
        assert expires_at <= recorded_at
        assert payload.amount == min(self.remaining[payload.lot], self.available) > 0
        assert account.available == self.available - payload.amount >= 0
        assert account.overdraft == self.overdraft
        others = {lot.lot: lot.remaining for lot in account.lots if lot.lot != payload.lot}
        assert others == {lot: left for lot, left in self.remaining.items() if lot != payload.lot}


class Life:
    """``looks``: the scheduler comes by every hour, instead of nobody until the next command."""

    def __init__(self, *, looks: bool = False) -> None:
        self.ledger = Watched()
        self.ledger.decide(OpenAccount(account_id="main", owner_kind="org", currency="USD"))
        self._looks = looks
        self._number = 0
        self._holds = 0

    @property
    def account(self) -> Account:
        return self.ledger.get(Account, STREAM)

    def live(self, steps: list[Step]) -> Life:
        for step in steps:
            self._number += 1
            getattr(self, step[0])(*step[1:])
        self.look()
        return self

    def look(self) -> None:
        self.ledger.decide(ApplyDueChanges("main"))

    def wait(self, hours: int) -> None:
        for _ in range(hours):
            self.ledger.now += HOUR
            if self._looks:
                self.look()

    def purchase(self, cents: int, expires_in: int | None) -> None:
        amount = format_amount(cents * CENT)
        expires_at = None if expires_in is None else self.ledger.now + expires_in * HOUR
        self.ledger.decide(RecordPurchase("main", amount, f"card/{self._number}", expires_at=expires_at))

    def grant(self, cents: int, expires_in: int | None, effective_in: int, priority: int) -> None:
        effective_at = self.ledger.now + effective_in * HOUR
        expires_at = None if expires_in is None else effective_at + expires_in * HOUR
        amount = format_amount(cents * CENT)
        given = {"priority": priority, "effective_at": effective_at, "expires_at": expires_at}
        self.ledger.decide(GrantCredits("main", amount, "promo", "gift", reference=f"g{self._number}", **given))

    def allowance(self, cents: int, rollover: str) -> None:
        """Of a month that ends within a day or two of the first step, so that it rolls over while steps go on."""
        period = f"2026-02@{3 + self._number % 2:02d}"
        self.ledger.decide(
            GrantAllowance("main", f"plan-{self._number}", period, format_amount(cents * CENT), rollover)
        )

    def charge(self, amounts: list[int]) -> None:
        decision = self._decision()
        account = current_account(decision, "main")
        record_on_account(decision, account, usage_charged(account, *(cents * CENT for cents in amounts)))

    def hold(self, cents: int, hours: int) -> None:
        """Placed only if it can be, as admission does (H2)."""
        decision = self._decision()
        account = current_account(decision, "main")
        if account.available >= cents * CENT:
            self._holds += 1
            placed = hold_placed(account, f"h{self._holds}", cents * CENT, self.ledger.now + hours * HOUR)
            record_on_account(decision, account, placed)

    def release(self) -> None:
        decision = self._decision()
        account = current_account(decision, "main")
        for hold_id in list(account.holds.by_id)[:1]:
            record_on_account(decision, account, hold_released(account, hold_id))

    def history(self) -> list[tuple[str, int, int]]:
        """Type, amount and time of everything that happened, however late it was noticed."""
        events = [payload for payload, _ in self.ledger.streams[STREAM]]
        named = [(type(event).__name__, getattr(event, "amount", 0)) for event in events]
        return [(*what, when) for what, when in zip(named, self.ledger.occurred_at, strict=True)]

    def _decision(self) -> DecisionInMemory:
        return DecisionInMemory(self.ledger, TENANT, SOURCE, f"c{self._number}")
