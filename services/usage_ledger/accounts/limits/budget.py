"""A budget and what was spent of it: counted by the calendar windows in which usage occurred, never reset (L1).

Spend is kept for windows that can still matter, and no others: the one that admission looks at, and those that usage
may still fall into, which is taken up to 35 days late (U6). So a budget of days keeps some 37 figures, one of months
three. What changes an older window (a backfill, a correction) is counted by no budget any more: nobody is admitted
against it, and no alert about it would tell anybody to do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from usage_ledger.accounts.limits.events import BudgetSet, BudgetSpend, Enforcement, ScopeKind
from usage_ledger.accounts.limits.windows import Window, WindowKind, window_of
from usage_ledger.accounts.usage_details import Attribution

LATE_MICROS: Final = 35 * 86_400_000_000
"""How late usage is taken without an approver (U6)."""

WINDOWS_AT_ONCE: Final[dict[WindowKind, int]] = {"day": 37, "week": 7, "month": 3, "total": 1}
"""The most windows that can matter at one time: those that 35 days and five minutes touch."""

_NO_WINDOW: Final = Window(0, 0)

WINDOWS_MAX: Final = 900
"""Of all budgets of an account, say 300 of months: an event that counts in each of them still fits 256 KB."""


class Spender(NamedTuple):
    """Whose budgets a call counts in: its attribution, and else the workspace that it came from."""

    attribution: Attribution | None
    workspace_id: str | None

    def named(self, scope: ScopeKind) -> str | None:
        """Who it is in the words of a scope; None when nobody said."""
        named: str | None = getattr(self.attribution, scope, None)
        return self.workspace_id if named is None and scope == "workspace" else named


class Spent(NamedTuple):
    """Nano-units that a line charged, or a correction of it changed, at its own time (microseconds UTC).

    ``recorded_at`` is that of the event which a correction changes; None for what is recorded now.
    """

    occurred_at: int
    amount: int
    spender: Spender
    recorded_at: int | None = None


class WindowState(msgspec.Struct):
    """Nano-units spent in a window, and the thresholds (percent) of which it was said that they were crossed."""

    end: int
    spend: int = 0
    crossed: tuple[int, ...] = ()


class Budget(msgspec.Struct):
    """Amounts are nano-units of the account's currency."""

    budget_id: str
    scope: ScopeKind
    scope_value: str | None
    window: WindowKind
    zone: str
    limit: int
    enforcement: Enforcement
    thresholds: tuple[int, ...]
    counted_from: int
    windows: dict[int, WindowState] = {}
    """By the start of the window."""

    def covers(self, spender: Spender) -> bool:
        return self.scope == "account" or spender.named(self.scope) == self.scope_value

    def spend_at(self, instant: int) -> int:
        """What was spent in the window around the instant."""
        return self._spend(window_of(self.window, self.zone, instant))

    def spend_after(self, spent: Iterable[Spent], now: int) -> list[BudgetSpend]:
        """What will be spent in the windows of these lines once they are counted; nothing is changed.

        Never less than nothing: what a correction takes back may have been recorded before the budget was set.
        """
        return [
            BudgetSpend(self.budget_id, window.start, window.end, max(0, self._spend(window) + amount))
            for window, amount in sorted(self._by_window(spent).items())
            if window.end > now - LATE_MICROS
        ]

    def count(self, spend: BudgetSpend, recorded_at: int) -> None:
        """From now on this is what was spent in the window."""
        state = self.windows.get(spend.window_start)
        if state is None:
            self._drop_windows_before(recorded_at - LATE_MICROS)
            state = self.windows[spend.window_start] = WindowState(spend.window_end)
        state.spend = spend.spend

    def _by_window(self, spent: Iterable[Spent]) -> dict[Window, int]:
        """Amounts by the windows of their own times; lines of one event nearly always share one."""
        (start, end), amount_in_it = _NO_WINDOW, 0
        amounts: dict[Window, int] = {}
        for occurred_at, amount, spender, recorded_at in spent:
            if not self._counts(spender, recorded_at):
                continue
            if not start <= occurred_at < end:
                amounts[Window(start, end)] = amount_in_it
                start, end = window = window_of(self.window, self.zone, occurred_at)
                amount_in_it = amounts.get(window, 0)
            amount_in_it += amount
        amounts[Window(start, end)] = amount_in_it
        amounts.pop(_NO_WINDOW, None)
        return amounts

    def _counts(self, spender: Spender, recorded_at: int | None) -> bool:
        """A correction of what was recorded before the budget counted takes nothing from it."""
        is_its_own = self.scope == "account" or self.covers(spender)
        return is_its_own and (recorded_at is None or recorded_at >= self.counted_from)

    def _spend(self, window: Window) -> int:
        state = self.windows.get(window.start)
        return state.spend if state else 0

    def _drop_windows_before(self, instant: int) -> None:
        self.windows = {start: state for start, state in self.windows.items() if state.end > instant}

    def crossings(self) -> Iterator[tuple[int, WindowState, int]]:
        """Windows whose spend reached a threshold and nobody was told: by threshold, then window."""
        for threshold in self.thresholds:
            for start, state in sorted(self.windows.items()):
                if threshold not in state.crossed and self.reaches(threshold, state.spend):
                    yield start, state, threshold

    def reaches(self, threshold: int, spend: int) -> bool:
        """Whether the spend is at or above that many percent of the limit."""
        return spend * 100 >= self.limit * threshold


def budget_from(event: BudgetSet, before: Budget | None) -> Budget:
    """The budget as it is from now on. What is counted stays counted as long as it counts the same thing.

    A threshold that spend has already reached was not crossed by any usage from now on, so nothing is said of it; one
    that a higher limit put out of reach may be crossed again.
    """
    windows = _windows_kept(event, before)
    budget = Budget(
        budget_id=event.budget_id,
        scope=event.scope,
        scope_value=event.scope_value,
        window=event.window,
        zone=event.zone,
        limit=event.limit,
        enforcement=event.enforcement,
        thresholds=event.thresholds,
        counted_from=event.counted_from,
        windows=windows,
    )
    told_before = before is not None and before.limit == event.limit
    for state in windows.values():
        told = state.crossed if told_before else ()
        state.crossed = _at_or_above(budget, state.spend, told)
    return budget


def counts_the_same(event: BudgetSet, before: Budget) -> bool:
    """Whether a new form of a budget goes on with the windows of the one before it."""
    terms = event.scope, event.scope_value, event.window, event.zone
    return (before.scope, before.scope_value, before.window, before.zone) == terms


def _windows_kept(event: BudgetSet, before: Budget | None) -> dict[int, WindowState]:
    if before is not None and event.continues:
        return before.windows
    return {each.start: WindowState(each.end, each.spend) for each in event.spent}


def _at_or_above(budget: Budget, spend: int, told: Sequence[int]) -> tuple[int, ...]:
    return tuple([each for each in budget.thresholds if each in told or budget.reaches(each, spend)])
