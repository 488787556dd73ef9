"""The model beside the ledger: it adds up what events say, account by account, and knows no rule."""

from __future__ import annotations

from collections import Counter
from typing import Any

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.credits.events import CreditsExpired
from usage_ledger.accounts.holds.events import HoldExpired, HoldPlaced, HoldReleased, HoldSettled
from usage_ledger.accounts.journal import debit_minus_credit, validate_entry


class SimpleBooks:
    """Debits minus credits by code, what is left by lot, what is held by hold; all in nano-units."""

    def __init__(self) -> None:
        self.account = Account()
        self.codes: Counter[int] = Counter()
        self.lots: Counter[str] = Counter()
        self.holds: dict[str, int] = {}

    def take(self, payload: Any, recorded_at: int) -> None:
        """One event: fold it, add it up, and look whether both agree (J6)."""
        owed = self.codes[1300]
        self.account.apply(payload, recorded_at)
        self._add(payload)
        self._hold(payload)
        self._check_sums()
        self._check_event(payload)
        if isinstance(payload, CreditsExpired):
            assert self.codes[1300] == owed, "expiry never creates overdraft and never settles any (C7)"
            assert self.account.available >= 0, "credit that open holds need is kept (C7)"

    def _add(self, payload: Any) -> None:
        for entry in getattr(payload, "entries", ()):
            validate_entry(entry)
            for line in entry.lines:
                self.codes[line.code] += debit_minus_credit(line)
                if line.code == 2000:
                    self.lots[line.lot] -= debit_minus_credit(line)

    def _hold(self, payload: Any) -> None:
        match payload:
            case HoldPlaced():
                self.holds[payload.hold_id] = payload.amount
            case HoldSettled(final=False):
                self.holds[payload.hold_id] = max(0, payload.held - payload.captured)
            case HoldSettled() | HoldReleased() | HoldExpired():
                del self.holds[payload.hold_id]
            case _:
                pass

    def _check_sums(self) -> None:
        account = self.account
        assert sum(self.codes.values()) == 0
        assert min(self.lots.values(), default=0) >= 0
        assert {lot.lot: lot.remaining for lot in account.lots} == +self.lots
        assert all(0 < lot.remaining <= lot.amount for lot in account.lots)
        assert account.overdraft == self.codes[1300] >= 0
        assert account.unbilled == self.codes[1200]
        assert not (account.lots and account.overdraft)
        assert account.balance == sum(self.lots.values()) - self.codes[1300]
        assert account.held == sum(self.holds.values()) >= 0

    def _check_event(self, payload: Any) -> None:
        account = self.account
        if getattr(payload, "balance_after", None) is not None:
            assert (payload.balance_after, payload.held_after) == (account.balance, account.held)
        if isinstance(payload, HoldPlaced) and payload.amount:
            limit = account.overdraft_limit if account.funding == "prepaid" else account.credit_limit or 0
            assert account.held <= account.balance - account.unbilled + limit, "the hard bound (H8)"
        for purchase in account.credit_record.purchases.values():
            assert min(purchase.refunded, purchase.disputed, purchase.refundable) >= 0
