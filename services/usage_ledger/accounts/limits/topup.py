"""Auto top-up: one slot, its lease, failures in a row, a schedule, and what was bought this month (L6)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from usage_ledger.accounts.limits.events import AutoTopupConfigured, TopupSchedule
from usage_ledger.accounts.limits.windows import Window, window_of
from usage_ledger.timeline import END

LEASE_MICROS: Final = 900 * 1_000_000
"""How long whoever charges the payment method has to say what became of it."""

FAILURES_MAX: Final = 3
"""In a row; then nothing is triggered until somebody looks at the payment method."""

UNPAID_MAX: Final = 100
"""Top-ups that failed are remembered: a processor may report success after all. This many of them, the latest."""


class AutoTopup(msgspec.Struct):
    """Amounts in nano-units of the account's currency, times in microseconds UTC."""

    threshold: int
    amount: int
    monthly_cap: int | None
    enabled: bool
    failures: int = 0
    triggered: int = 0
    """How many there were: the number of the last one's id."""
    in_flight: str | None = None
    lease_until: int = END
    lapsed: str | None = None
    """The one whose lease lapsed; the next trigger names it again."""
    unpaid: dict[str, int] = {}
    """Amounts of those that were triggered and not paid, by id."""
    month: Window = Window(0, 0)
    paid_in_month: int = 0
    schedule: TopupSchedule | None = None
    turns_until: int = 0
    """Turns of the schedule at or before this were taken, or skipped because something was in their way."""

    def next_id(self, account_id: str) -> str:
        return self.lapsed or f"topup/{account_id}/{self.triggered + 1}"

    def next_amount(self) -> int:
        """One that is named again charges what it did before: the processor knows it by its id."""
        return self.amount if self.lapsed is None else self.unpaid[self.lapsed]

    def would_pass_cap(self, now: int) -> bool:
        """Whether one more would pass the cap of the calendar month around now."""
        if self.monthly_cap is None:
            return False
        paid = self.paid_in_month if self.month.start <= now < self.month.end else 0
        return paid + self.next_amount() > self.monthly_cap

    def next_turn(self, zone: str) -> int:
        """When the schedule triggers next; ``END`` if it will not. What would pass the month's cap is skipped.

        It is asked of an account that is open and has no top-up in flight.
        """
        if self.schedule is None or not self.enabled:
            return END
        turn = turn_after(self.schedule, zone, self.turns_until)
        if self.would_pass_cap(turn):
            turn = turn_after(self.schedule, zone, window_of("month", zone, turn).end - 1)
        return END if self.would_pass_cap(turn) else turn

    def was_triggered(self, account_id: str, topup_id: str) -> bool:
        """Whether the id is one of those that were given out so far."""
        prefix, _, number = topup_id.rpartition("/")
        is_number = number.isascii() and number.isdecimal() and not number.startswith("0")
        return prefix == f"topup/{account_id}" and is_number and int(number) <= self.triggered

    def configure(self, event: AutoTopupConfigured, now: int) -> None:
        """What is in flight stays so; failures of before are forgiven, and a schedule begins anew."""
        self.threshold, self.amount, self.monthly_cap = event.threshold, event.amount, event.monthly_cap
        self.enabled, self.failures = event.enabled, 0
        self.schedule, self.turns_until = event.schedule, now

    def trigger(self, topup_id: str, amount: int, lease_until: int) -> None:
        if topup_id not in self.unpaid:
            self.triggered += 1
        self._remember(topup_id, amount)
        self.in_flight, self.lease_until, self.lapsed = topup_id, lease_until, None

    def complete(self, topup_id: str, zone: str, now: int) -> None:
        """It was paid: failures begin at none again."""
        amount = self.unpaid.pop(topup_id, 0)
        self._free(topup_id, now)
        self.failures = 0
        if not self.month.start <= now < self.month.end:
            self.month, self.paid_in_month = window_of("month", zone, now), 0
        self.paid_in_month += amount

    def fail(self, topup_id: str, consecutive: int, now: int) -> None:
        self._free(topup_id, now)
        self.failures = consecutive

    def lapse(self, topup_id: str) -> None:
        self._free(topup_id, self.lease_until)
        self.lapsed = topup_id

    def _free(self, topup_id: str, now: int) -> None:
        self.turns_until = now
        if self.in_flight == topup_id:
            self.in_flight, self.lease_until = None, END
        if self.lapsed == topup_id:
            self.lapsed = None

    def _remember(self, topup_id: str, amount: int) -> None:
        self.unpaid[topup_id] = amount
        if len(self.unpaid) > UNPAID_MAX:
            del self.unpaid[next(iter(self.unpaid))]


@lru_cache(maxsize=4_096)
def turn_after(schedule: TopupSchedule, zone: str, instant: int) -> int:
    """When the first day, week or month begins after the instant, microseconds UTC."""
    return window_of(schedule, zone, instant).end
