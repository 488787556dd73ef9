"""An account that spends, told in US dollars: one input token costs a millionth of one."""

from __future__ import annotations

from typing import Any, TypeVar

from domain.rehearsal import START, Rehearsal
from domain.usage.metered_ledger import ACCOUNT, metered_ledger, send
from usage_ledger.accounts.account import Account
from usage_ledger.accounts.commands import RecordPurchase
from usage_ledger.accounts.limits.commands import SetBudget
from usage_ledger.accounts.limits.events import BudgetThresholdCrossed
from usage_ledger.recorded_event import EventPayload
from usage_ledger.submission import Outcome

USD = 10**9
HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = START + 36 * DAY
"""2026-04-07T12:00:00Z, a Tuesday: late enough that the workspace has been there for as long as usage may be late."""

Payload = TypeVar("Payload", bound=EventPayload)


class Spending:
    """A rehearsal with an account ``acc`` that pays for workspace ``ws``."""

    def __init__(self, credit: str = "90.00") -> None:
        self.ledger: Rehearsal = metered_ledger()
        self.ledger.given(RecordPurchase("acc", credit, "card/more"))
        self.ledger.clock.instant = NOON
        self._attempts = 0

    def budget(self, budget_id: str, window: str, limit: str, **fields: Any) -> None:
        self.ledger.given(SetBudget("acc", budget_id, limit, window, **fields))

    def spend(self, usd: float, *, at: int | None = None, **fields: Any) -> Outcome:
        """One call that costs this much; it occurred now, or at ``at`` (microseconds UTC)."""
        self._attempts += 1
        occurred_at = self.ledger.now if at is None else at
        tokens = {"input_tokens": round(usd * 1_000_000)}
        return send(self.ledger, {"id": f"call-{self._attempts}", "usage": tokens, "occurred_at": occurred_at} | fields)

    def account(self) -> Account:
        """Folded from what was stored, as another process would see it."""
        account = Account()
        for envelope, payload in self.ledger.recorded(ACCOUNT):
            account.apply(payload, envelope.recorded_at)
        return account

    def spent(self, budget_id: str, at: int) -> float:
        return self.account().limits.budgets[budget_id].spend_at(at) / USD

    def alerts(self) -> list[tuple[str, int, float]]:
        """Budget, threshold and spend of every alert so far."""
        crossed = self.recorded(BudgetThresholdCrossed)
        return [(each.budget_id, each.threshold, each.spend / USD) for each in crossed]

    def recorded(self, kind: type[Payload]) -> list[Payload]:
        return [event for event in self.ledger.events(ACCOUNT) if isinstance(event, kind)]

    def types(self, after: int = 0) -> list[str]:
        return [type(event).__name__ for event in self.ledger.events(ACCOUNT)[after:]]
