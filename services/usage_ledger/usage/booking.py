"""The usage of one command that goes to one stream: a paying account's, or the metered stream of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from usage_ledger.accounts.account import Account
from usage_ledger.accounts.chart_of_accounts import (
    INTERNAL_RECHARGE,
    INTERNAL_USAGE,
    OTHER_USAGE_REVENUE,
    OVERDRAFT,
    SUSPENSE,
    SUSPENSE_COUNTERPART,
    UNBILLED,
    USAGE_REVENUE,
)
from usage_ledger.accounts.consequences import record_on_account
from usage_ledger.accounts.holds.events import HoldSettled
from usage_ledger.accounts.holds.settling import Settlement
from usage_ledger.accounts.limits.spending import windows_of
from usage_ledger.accounts.period_quantities import PeriodsAhead
from usage_ledger.accounts.usage_details import Backfill
from usage_ledger.deciding import Decision
from usage_ledger.money import MAX_NANO
from usage_ledger.refusals import Refusal
from usage_ledger.usage.usage_draft import MAX_DRAFT_BYTES, UsageDraft

_GROWING: Final = frozenset(
    (
        *(OVERDRAFT, UNBILLED, SUSPENSE, SUSPENSE_COUNTERPART, INTERNAL_USAGE, INTERNAL_RECHARGE),
        *(OTHER_USAGE_REVENUE, *USAGE_REVENUE.values()),
    )
)
"""The codes whose balances usage takes away from zero. Credits it takes towards zero."""

_LOT_BYTES: Final = 64
_WINDOW_BYTES: Final = 160  # an id of 128 characters, two times, an amount
_LEAST_DRAFT_BYTES: Final = 8_000


class Recorded(NamedTuple):
    """An event that was appended at ``position``, and the attempts, by key and content, that it holds."""

    position: int
    attempts: list[tuple[bytes, bytes]]


class Booking:
    """Drafts of the stream's events, of which all but rarely there is one. ``account`` None: nobody is charged."""

    __slots__ = (
        "_headroom",
        "_max_bytes",
        "account",
        "charged",
        "currency",
        "draft",
        "drafts",
        "periods",
        "settlements",
        "stream_id",
    )

    def __init__(self, stream_id: str, account: Account | None) -> None:
        self.stream_id = stream_id
        self._max_bytes = _room_beside_lots(account)
        self._headroom = _headroom(account)
        self.account = account
        self.currency = account.currency if account else None
        self.periods = PeriodsAhead(account) if account else None
        self.charged = 0
        self.settlements: dict[str, Settlement] = {}
        self.draft = UsageDraft(self._max_bytes)
        self.drafts = [self.draft]

    def draft_for(self, line_bytes: int) -> UsageDraft:
        """The draft that takes the next line: another one where the last event would pass 256 KB (U4)."""
        if self.draft.room < line_bytes and self.draft.lines:
            self.draft = UsageDraft(self._max_bytes)
            self.drafts.append(self.draft)
        return self.draft

    def take(self, charged: int, suspense: int) -> None:
        """Count the nano-units that a line moves. Raises ``Refusal('amount_out_of_range')`` beyond 64 bits (M2)."""
        left = self._headroom - charged - suspense
        if left < 0:
            raise Refusal("amount_out_of_range", "the account's balances would not fit 64 bits of nano-units")
        self._headroom = left
        self.charged += charged

    def settle(self, settlement: Settlement, charged: int) -> None:
        """The nano-units of a line count in the settlement of the hold that it names."""
        self.settlements[settlement.hold_id] = settlement
        settlement.captured += charged

    def record(self, decision: Decision, backfill: Backfill | None = None) -> list[Recorded]:
        """Append the drafts, each against the balances that the one before it left. Some line must have been booked."""
        return [Recorded(self._append(draft, decision, backfill), draft.claims) for draft in self.drafts]

    def _append(self, draft: UsageDraft, decision: Decision, backfill: Backfill | None) -> int:
        settlements = (
            [each for each in self.settlements.values() if each.settled is None] if draft is self.draft else ()
        )
        if self.account is None:
            position = decision.record(self.stream_id, draft.metered(backfill), draft.latest)
        else:
            own = _settled(settlements, self.account)
            payload = draft.charged_to(self.account, backfill, decision.recorded_at)
            position = record_on_account(decision, self.account, payload, draft.latest, also=own)
        _settle_elsewhere(settlements, self.account, decision, draft.latest)
        return position

    def _unsettled(self) -> list[Settlement]:
        """A hold whose lines are booked in two streams is settled in the first, by all of them."""
        return [each for each in self.settlements.values() if each.settled is None]


def record_held(bookings: Iterable[Booking], decision: Decision) -> dict[bytes, tuple[Booking, int]]:
    """Append the events of usage that was taken before, and which from now on hold it.

    Answers by attempt key where it was booked: the booking, and the event's position.
    """
    booked: dict[bytes, tuple[Booking, int]] = {}
    for booking in bookings:
        for position, attempts in booking.record(decision) if booking.draft.lines else ():
            keys = [key for key, _ in attempts]
            decision.move_attempts(keys, position)
            booked.update(dict.fromkeys(keys, (booking, position)))
    return booked


def _settled(settlements: Iterable[Settlement], account: Account) -> Iterator[HoldSettled]:
    """Each against the account as the charges, and the settlement before it, left it."""
    for settlement in settlements:
        if settlement.account is account:
            yield settlement.settle()


def _settle_elsewhere(
    settlements: Iterable[Settlement], account: Account | None, decision: Decision, occurred_at: int
) -> None:
    """Holds for calls that nobody was to pay for: their usage is booked elsewhere, and closes them all the same."""
    for settlement in settlements:
        if settlement.account is not account:
            record_on_account(decision, settlement.account, settlement.settle(), occurred_at)


def _headroom(account: Account | None) -> int:
    """What usage may still move, by whichever of the account's growing balances is nearest to its bound."""
    if account is None:
        return 0
    moved = [abs(balance) for code, balance in account.code_balances.items() if code in _GROWING]
    return MAX_NANO - max(moved, default=0)


def _room_beside_lots(account: Account | None) -> int:
    """A charge names every lot it draws from, twice, and every window of a budget that it may count in.

    So an account of very many of them has smaller events.
    """
    if account is None:
        return MAX_DRAFT_BYTES
    beside = _LOT_BYTES * len(account.lots) + _WINDOW_BYTES * windows_of(account)
    return max(_LEAST_DRAFT_BYTES, MAX_DRAFT_BYTES - beside)
