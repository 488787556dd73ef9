"""RecordUsage: every item is judged by itself, then what is to be kept is recorded, in one event per payer (U4, U5).

Usage is a fact. It is never refused for lack of credit, budget or price; what cannot be booked is kept raw.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from usage_ledger.deciding import Decision
from usage_ledger.money import format_amount
from usage_ledger.refusals import Refusal
from usage_ledger.timeline import BEGINNING
from usage_ledger.usage.answer import Booked, ItemAnswer, UsageAnswer, usage_answer
from usage_ledger.usage.attempt import Attempt
from usage_ledger.usage.booked_line import accepted, book_line, book_stated
from usage_ledger.usage.booking import Booking, Recorded
from usage_ledger.usage.commands import RecordUsage
from usage_ledger.usage.conflicts import Conflicts
from usage_ledger.usage.events import Disposition
from usage_ledger.usage.quarantine import Quarantine
from usage_ledger.usage.route import Hindrance, Route
from usage_ledger.usage.routing import Routing

FUTURE_MICROS: Final = 300_000_000
LATE_MICROS: Final = 35 * 86_400_000_000

_ZERO: Final = format_amount(0)


def record_usage(command: RecordUsage, decision: Decision) -> UsageAnswer:
    """Record the attempts of a command (U3-U13).

    Raises ``Refusal('item_refused')`` when it is atomic and an item is rejected, in conflict or quarantined; nothing
    is recorded then.
    """
    recording = Recording(command, decision)
    items = [recording.judge(attempt) for attempt in command.attempts]
    if command.atomic:
        _require_all(items)
    return usage_answer(items, recording.record())


def _require_all(items: list[ItemAnswer]) -> None:
    for item in items:
        if item.code is not None:
            raise Refusal("item_refused", "the command is atomic, and an item of it is not", {item.id: item.code})


def _of_one(booking: Booking, event_id: str | None) -> Booked:
    account = booking.account
    return Booked(
        format_amount(booking.charged),
        booking.currency,
        None if account is None else format_amount(account.available),
        next(iter(booking.settlements)) if len(booking.settlements) == 1 else None,
        event_id,
    )


class Recording:
    """One command being judged. Nothing is recorded before ``record``."""

    def __init__(self, command: RecordUsage, decision: Decision) -> None:
        attempts = command.attempts
        self._decision = decision
        self._latest = decision.recorded_at + FUTURE_MICROS
        self._earliest = BEGINNING if command.backfill else decision.recorded_at - LATE_MICROS
        self._backfill = command.backfill
        self._taken = dict(decision.known_attempts(command.dedupe_keys()))
        self._routing = Routing(decision, attempts, final=command.final)
        self._quarantine = Quarantine()
        self._conflicts = Conflicts()
        self._responses: dict[bytes, bytes] = {}

    @property
    def routing(self) -> Routing:
        return self._routing

    def judge(self, attempt: Attempt, stated: int | None = None) -> ItemAnswer:
        """Decide one item, in this order: understood, known, its time, its workspace, who pays, its price.

        ``stated`` nano-units are booked as given (H5).
        """
        if attempt.problem is not None:
            return self._keep(attempt, "rejected", attempt.problem)
        content = self._taken.get(attempt.key)
        if content is not None:
            return self._known(attempt, content)
        if not self._earliest <= attempt.occurred_at <= self._latest:
            is_future = attempt.occurred_at > self._latest
            return self._keep(attempt, "rejected", "occurred_in_future" if is_future else "outside_late_window")
        route = self._routing.route(attempt)
        if isinstance(route, Hindrance):
            return self._keep(attempt, route.disposition, route.reason)
        return self._book(attempt, route, stated)

    def record(self) -> Booked:
        """Append the events. Answers what they came to."""
        bookings = [booking for booking in self._routing.bookings if booking.draft.lines]
        recorded = [each for booking in bookings for each in booking.record(self._decision, self._backfill)]
        self._claim(recorded)
        self._claim(self._quarantine.record(self._decision))
        self._conflicts.record(self._decision)
        event_id = self._decision.event_id(recorded[0].position) if len(recorded) == 1 else None
        if len(bookings) == 1:
            return _of_one(bookings[0], event_id)
        currencies = {booking.currency for booking in bookings if booking.currency}
        if len(currencies) != 1:
            return Booked(_ZERO) if bookings and not currencies else Booked()
        return Booked(format_amount(sum([booking.charged for booking in bookings])), currencies.pop())

    def _keep(self, attempt: Attempt, disposition: Disposition, reason: str) -> ItemAnswer:
        self._quarantine.keep(attempt, disposition, reason)
        if disposition == "rejected":
            return ItemAnswer(attempt.attempt_id, "rejected", reason)
        self._taken[attempt.key] = attempt.content
        if attempt.response is not None:
            self._take_response(attempt, attempt.response)
        return ItemAnswer(attempt.attempt_id, "quarantined", reason)

    def _book(self, attempt: Attempt, route: Route, stated: int | None) -> ItemAnswer:
        try:
            amounts = book_line(attempt, route) if stated is None else book_stated(attempt, route, stated)
        except Refusal as refusal:
            return self._keep(attempt, "rejected", refusal.code)
        self._taken[attempt.key] = attempt.content
        if attempt.response is not None:
            self._take_response(attempt, attempt.response)
        return accepted(attempt, route, amounts)

    def _take_response(self, attempt: Attempt, response: bytes) -> None:
        first = self._taken.setdefault(response, attempt.key)
        if first == attempt.key:
            self._responses[attempt.key] = response
        else:
            self._conflicts.note(attempt, first, "suspected_duplicate")

    def _claim(self, recorded: Iterable[Recorded]) -> None:
        for position, attempts in recorded:
            if self._responses:
                attempts += [(self._responses[key], key) for key, _ in attempts if key in self._responses]
            self._decision.claim_attempts(attempts, position)

    def _known(self, attempt: Attempt, content: bytes) -> ItemAnswer:
        """The attempt was taken before, or earlier in this command: the first stays (U3)."""
        if content == attempt.content:
            return ItemAnswer(attempt.attempt_id, "duplicate")
        self._conflicts.note(attempt, content)
        return ItemAnswer(attempt.attempt_id, "conflict", "idempotency_conflict")
